package dev.meshdx.analysis;

import dev.meshdx.analysis.internal.Checks;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.finding.FindingCode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What an analysis looks for, and what it leaves out. Immutable; safe for use by several threads. */
public final class AnalysisOptions {
    /** Every code, nothing suppressed. */
    public static final AnalysisOptions DEFAULT = new AnalysisOptions(Set.of(), List.of(), "", null, null, List.of());

    private final Set<String> codes;
    private final List<String> suppressed;
    private final String revision;
    private final @Nullable String meshConfig;
    private final @Nullable String meshNetworks;
    private final List<ConfigurationCheck> checks;

    private AnalysisOptions(
            Set<String> codes,
            List<String> suppressed,
            String revision,
            @Nullable String meshConfig,
            @Nullable String meshNetworks,
            List<ConfigurationCheck> checks) {
        this.codes = codes;
        this.suppressed = suppressed;
        this.revision = revision;
        this.meshConfig = meshConfig;
        this.meshNetworks = meshNetworks;
        this.checks = List.copyOf(checks);
    }

    /**
     * Only these codes; the kinds of resources that they do not need are not read.
     *
     * @param codes such as {@code IST0101}; none means all
     */
    public AnalysisOptions only(String... codes) {
        return only(List.of(codes));
    }

    /** As {@link #only(String...)}. */
    public AnalysisOptions only(Collection<String> codes) {
        Set<String> sorted = new TreeSet<>();
        codes.forEach(code -> sorted.add(code.trim().toUpperCase(Locale.ROOT)));
        return new AnalysisOptions(
                Collections.unmodifiableSet(sorted), suppressed, revision, meshConfig, meshNetworks, checks);
    }

    /**
     * Leaves out findings, in the form that {@code istioctl analyze --suppress} documents.
     *
     * @param rule {@code "CODE=Kind name.namespace"}; {@code *} stands for any text: {@code "IST0102=Namespace *"}. The
     *     printed form {@code "CODE=Kind namespace/name"} works too.
     * @throws IllegalArgumentException if the rule has no {@code =}
     */
    public AnalysisOptions suppress(String rule) {
        int equals = rule.indexOf('=');
        if (equals <= 0 || equals == rule.length() - 1) {
            throw new IllegalArgumentException(
                    "\"" + rule + "\" is not a rule to suppress findings: write CODE=Kind name.namespace.");
        }
        List<String> rules = new ArrayList<>(suppressed);
        rules.add(rule);
        return new AnalysisOptions(
                codes, Collections.unmodifiableList(rules), revision, meshConfig, meshNetworks, checks);
    }

    /**
     * Leaves out resources that carry the label {@code istio.io/rev} with another value; a control plane of this revision
     * does not read them either. Without it they are all looked at.
     */
    public AnalysisOptions revision(String revision) {
        return new AnalysisOptions(codes, suppressed, revision, meshConfig, meshNetworks, checks);
    }

    /** The mesh configuration as YAML, in place of the one in the ConfigMap {@code istio}. */
    public AnalysisOptions meshConfig(String yaml) {
        return new AnalysisOptions(codes, suppressed, revision, yaml, meshNetworks, checks);
    }

    /** The networks of the mesh as YAML, in place of those in the ConfigMap {@code istio}. */
    public AnalysisOptions meshNetworks(String yaml) {
        return new AnalysisOptions(codes, suppressed, revision, meshConfig, yaml, checks);
    }

    /**
     * Runs checks of the caller's own beside those of meshdx. A check that is wanted everywhere, in {@code diagnose()} too,
     * is better offered as a service: name its class in
     * {@code META-INF/services/dev.meshdx.configuration.ConfigurationCheck}.
     */
    public AnalysisOptions with(ConfigurationCheck... own) {
        List<ConfigurationCheck> all = new ArrayList<>(checks);
        all.addAll(List.of(own));
        return new AnalysisOptions(codes, suppressed, revision, meshConfig, meshNetworks, all);
    }

    /** The caller's own checks. */
    public List<ConfigurationCheck> checks() {
        return checks;
    }

    /** The codes to look for; empty for all. */
    public Set<String> codes() {
        return codes;
    }

    /** The rules that leave out findings. */
    public List<String> suppressed() {
        return suppressed;
    }

    /** The revision of the control plane; empty where resources of all revisions are looked at. */
    public String revision() {
        return revision;
    }

    /** The mesh configuration as YAML, where the caller gave one. */
    public Optional<String> meshConfig() {
        return Optional.ofNullable(meshConfig);
    }

    /** The networks of the mesh as YAML, where the caller gave them. */
    public Optional<String> meshNetworks() {
        return Optional.ofNullable(meshNetworks);
    }

    /** The codes that an analysis may report, sorted. */
    public static List<FindingCode> known() {
        return Checks.all().stream()
                .flatMap(check -> check.codes().stream())
                .distinct()
                .sorted()
                .toList();
    }

    @Override
    public String toString() {
        return "AnalysisOptions[codes=" + codes + ", suppressed=" + suppressed + ", revision=" + revision + "]";
    }
}
