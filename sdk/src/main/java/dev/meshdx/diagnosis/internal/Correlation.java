package dev.meshdx.diagnosis.internal;

import dev.meshdx.finding.Evidence;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Scope;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Tells causes from what they cause. A finding is explained when a rule says that findings of one code bring about those of
 * the other, and both speak of the same thing. Pure.
 */
final class Correlation {
    private enum Relation {
        /** The cause reaches everything (a control plane that is down). */
        ANY,
        /** Both must name the same workload, service, host or resource. */
        SAME_NAME
    }

    private record Rule(Relation relation, Set<String> causes, Set<String> effects) {}

    private static Rule rule(Relation relation, String causes, String effects) {
        return new Rule(relation, Set.of(causes.split(" ")), Set.of(effects.split(" ")));
    }

    /** In no particular order: a chain of causes (hung proxy → stale → no endpoints) takes several rules. */
    private static final List<Rule> RULES = List.of(
            // No istiod: proxies lose their stream and go on with what they have, stale endpoints included.
            rule(Relation.ANY, "MDX0101", "MDX0102 MDX0104 MDX0106 MDX0303 MDX0401 MDX0402 MDX0414"),
            // A proxy that hangs, or was killed, neither acknowledges nor serves.
            rule(
                    Relation.SAME_NAME,
                    "MDX0107 MDX0108",
                    "MDX0104 MDX0106 MDX0303 MDX0401 MDX0402 MDX0407 MDX0411 MDX0414"),
            rule(Relation.SAME_NAME, "MDX0104", "MDX0414"),
            rule(Relation.SAME_NAME, "MDX0105", "MDX0304"),
            // No pods behind a service.
            rule(Relation.SAME_NAME, "MDX0109", "MDX0303 MDX0402 MDX0401"),
            rule(Relation.SAME_NAME, "MDX0303", "MDX0402"),
            // A reference that leads nowhere.
            rule(Relation.SAME_NAME, "IST0101", "MDX0302 MDX0303 MDX0305 MDX0405 MDX0507"),
            rule(Relation.SAME_NAME, "MDX0302", "MDX0405"),
            rule(Relation.SAME_NAME, "MDX0507", "MDX0305"),
            rule(Relation.SAME_NAME, "MDX0301", "MDX0404"),
            // mTLS modes that do not meet: the server hangs up, or refuses the bytes.
            rule(Relation.SAME_NAME, "IST0113", "MDX0501 MDX0401 MDX0403 MDX0412 MDX0413"),
            rule(Relation.SAME_NAME, "MDX0501", "MDX0401 MDX0403 MDX0412 MDX0413"),
            // Certificates.
            rule(Relation.SAME_NAME, "MDX0502", "MDX0401 MDX0403 MDX0412 MDX0506"),
            rule(Relation.SAME_NAME, "MDX0504", "MDX0401 MDX0403 MDX0412 MDX0505 MDX0506"),
            rule(Relation.SAME_NAME, "MDX0506", "MDX0401 MDX0403 MDX0412"),
            rule(Relation.SAME_NAME, "MDX0403", "MDX0401"),
            // What the server's proxy says first hand, its clients only pass on.
            rule(Relation.SAME_NAME, "MDX0401 MDX0402 MDX0405 MDX0407 MDX0408 MDX0409 MDX0410", "MDX0415"),
            rule(Relation.SAME_NAME, "MDX0408", "MDX0408"),
            rule(Relation.SAME_NAME, "MDX0401", "MDX0401"),
            // An overload or an ejection shows as missing endpoints to the next request.
            rule(Relation.SAME_NAME, "MDX0401 MDX0407", "MDX0402 MDX0303"));

    /** What explains most comes first; among equals, what an operator can change comes before what was only seen. */
    private static final List<String> FAMILIES =
            List.of("MDX0101", "IST", "MDX03", "MDX05", "MDX0107", "MDX0109", "MDX01", "MDX04");

    private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9.-]*[a-z0-9])?");
    /** Words that every finding may use, and that therefore tie nothing together. */
    private static final Set<String> COMMON = Set.of(
            "istio-system",
            "istio-proxy",
            "outbound",
            "inbound",
            "svc",
            "cluster",
            "local",
            "cluster.local",
            "http",
            "https",
            "default",
            "envoy",
            "pod",
            "proxy",
            "service",
            "namespace");

    private final List<Finding> causes = new ArrayList<>();
    private final List<Finding> others = new ArrayList<>();
    private final Map<Finding, List<Finding>> effects = new LinkedHashMap<>();
    private final Scope scope;

    private Correlation(Scope scope) {
        this.scope = scope;
    }

    /** Puts findings in order, those first that matter most to the scope. */
    static Correlation of(List<Finding> findings, Scope scope) {
        Correlation result = new Correlation(scope);
        Map<Finding, Set<String>> names = new LinkedHashMap<>();
        findings.forEach(finding -> names.put(finding, names(finding)));
        Set<Finding> explained = new HashSet<>();
        for (Finding cause : findings) {
            if (cause.severity() == Severity.INFO) {
                continue;
            }
            List<Finding> mine = new ArrayList<>();
            for (Finding effect : findings) {
                if (!effect.equals(cause) && explains(cause, effect, names)) {
                    mine.add(effect);
                    explained.add(effect);
                }
            }
            result.effects.put(cause, mine);
        }
        for (Finding finding : findings) {
            if (finding.severity() != Severity.INFO && !explained.contains(finding)) {
                result.causes.add(finding);
            } else {
                result.others.add(finding);
            }
        }
        result.causes.sort(Comparator.comparing(result::severity)
                .thenComparing(cause -> -result.weight(cause))
                .thenComparing(Correlation::family)
                .thenComparing(Comparator.naturalOrder()));
        result.others.sort(Comparator.comparing((Finding other) -> !explained.contains(other))
                .thenComparing(Comparator.naturalOrder()));
        return result;
    }

    private static boolean explains(Finding cause, Finding effect, Map<Finding, Set<String>> names) {
        for (Rule rule : RULES) {
            // Of two that say the same, only the graver one can be the cause.
            boolean graver =
                    !cause.code().equals(effect.code()) || cause.severity().compareTo(effect.severity()) < 0;
            if (graver && rule.causes.contains(cause.code()) && rule.effects.contains(effect.code())) {
                if (rule.relation == Relation.ANY) {
                    return true;
                }
                Set<String> common = new HashSet<>(names.getOrDefault(cause, Set.of()));
                common.retainAll(names.getOrDefault(effect, Set.of()));
                if (!common.isEmpty()) {
                    return true;
                }
            }
        }
        return false;
    }

    /** How bad a cause is with what it brings about: a warning that makes requests fail is an error. */
    Severity severity(Finding cause) {
        Severity worst = cause.severity();
        for (Finding effect : effectsOf(cause)) {
            worst = effect.severity().atLeast(worst) ? effect.severity() : worst;
        }
        return worst;
    }

    /** What is seen to happen, and what is about the very pod in question, counts more than what might happen. */
    private int weight(Finding cause) {
        boolean seen = cause.code().startsWith("MDX04");
        boolean own = scope.isPod()
                && cause.subject().kind().equals("Pod")
                && cause.subject().name().equals(scope.pod())
                && cause.subject().namespace().equals(scope.namespace());
        return effectsOf(cause).size() + (seen || own ? 1 : 0);
    }

    private static int family(Finding finding) {
        for (int i = 0; i < FAMILIES.size(); i++) {
            if (finding.code().startsWith(FAMILIES.get(i))) {
                return i;
            }
        }
        return FAMILIES.size();
    }

    /** The names that a finding speaks of: its subject, and hosts, workloads and addresses in its evidence. */
    static Set<String> names(Finding finding) {
        Set<String> names = new HashSet<>();
        add(names, finding.subject().name(), true);
        add(names, finding.message(), false);
        for (Evidence evidence : finding.evidence()) {
            add(names, evidence.where(), true);
            add(names, evidence.value(), true);
        }
        names.remove(finding.subject().namespace());
        names.removeAll(COMMON);
        return names;
    }

    private static void add(Set<String> names, String text, boolean single) {
        Matcher matcher = NAME.matcher(text.toLowerCase(Locale.ROOT));
        while (matcher.find()) {
            String name = matcher.group();
            if (name.length() < 3
                    || name.chars().allMatch(c -> Character.isDigit(c) || (c == '.' && name.length() < 7))) {
                continue;
            }
            // Only what looks like the name of something in a cluster ties findings together, not every word.
            if (name.indexOf('-') > 0 || name.indexOf('.') > 0) {
                names.add(name);
                int dot = name.indexOf('.');
                if (dot > 2 && !Character.isDigit(name.charAt(0))) {
                    names.add(name.substring(0, dot));
                }
                podOwner(names, name);
            } else if (single && text.length() == name.length()) {
                names.add(name);
            }
        }
    }

    /** {@code reviews-v1-6d8f-x2x9k} speaks of {@code reviews-v1} and {@code reviews} too. */
    private static void podOwner(Set<String> names, String name) {
        String rest = name.indexOf('.') > 0 ? name.substring(0, name.indexOf('.')) : name;
        for (int dash = rest.lastIndexOf('-'); dash > 2; dash = rest.lastIndexOf('-')) {
            rest = rest.substring(0, dash);
            names.add(rest);
        }
    }

    /** What nothing explains, the likeliest cause first. */
    List<Finding> causes() {
        return causes;
    }

    /** What is explained, then what is only worth knowing. */
    List<Finding> others() {
        return others;
    }

    /** What a cause explains. */
    List<Finding> effectsOf(Finding cause) {
        return effects.getOrDefault(cause, List.of());
    }
}
