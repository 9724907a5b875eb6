package dev.meshdx.envoy.diff;

import dev.meshdx.annotation.Internal;
import dev.meshdx.envoy.ConfigDump;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.model.internal.TextTable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What two configurations do not hold alike: resources that only one has, and the fields in which those differ that both have.
 * Immutable; safe for use by several threads.
 *
 * <p>What is compared is what the fields mean, not how they are written. These are no differences:
 *
 * <ul>
 *   <li>{@code last_updated} and {@code version_info}; a {@link ResourceDiff} tells them;
 *   <li>a field that is absent, and one that is false, 0, an empty text or an empty list, unless its default is something else
 *       ({@code validate_clusters}, {@code num_retries}…; a duration of 0 s is not absent either: it often means "no limit");
 *   <li>{@code 1s} and {@code 1.000s}, numbers and the same numbers as text, the prefix of {@code @type} URLs, names in camelCase
 *       and in snake_case, the order of fields, the order of resources;
 *   <li>of endpoints: UNKNOWN and HEALTHY (both get requests), no weight and 1, and which group of a locality lists them.
 * </ul>
 *
 * <p>Items of lists are found by their key: filter chains and virtual hosts by name, routes by name or by what they match, hosts
 * by address, filters and headers by name. Where the same keys stand in another order, that is told as
 * {@link FieldChange.Kind#ORDER}. A message that one side has as fields and the other one as bytes, because who printed it does
 * not know its type, cannot be compared, which is in {@link #inconclusive()}.
 *
 * <p>Of secrets, only fingerprint, serial number, names and validity are compared; keys and passwords are never shown, wherever
 * they stand.
 */
public final class ConfigDiff {
    /** A part of a proxy's configuration. */
    public enum Section {
        /** What it was started with, without the static resources, which are in the other sections. */
        BOOTSTRAP,
        /** Clusters. */
        CLUSTERS,
        /** Listeners. */
        LISTENERS,
        /** Route configurations. */
        ROUTES,
        /** Hosts, by cluster. */
        ENDPOINTS,
        /** Certificates and roots. */
        SECRETS,
        /** Filters that are delivered by themselves. */
        EXTENSIONS;

        /** Such as {@code clusters}. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final String before;
    private final String after;
    private final List<ResourceDiff> resources;
    private final Set<Section> compared;
    private final List<Inconclusive> inconclusive;

    ConfigDiff(
            String before,
            String after,
            List<ResourceDiff> resources,
            Set<Section> compared,
            List<Inconclusive> inconclusive) {
        this.before = before;
        this.after = after;
        this.resources = List.copyOf(resources);
        this.compared = Collections.unmodifiableSet(
                compared.isEmpty() ? java.util.EnumSet.noneOf(Section.class) : java.util.EnumSet.copyOf(compared));
        this.inconclusive = inconclusive.stream().distinct().toList();
    }

    /**
     * Two states of the same proxy. Takes time in proportion to their size, and does no I/O.
     *
     * @param before the earlier one
     * @param after the later one
     */
    public static ConfigDiff between(ConfigDump before, ConfigDump after) {
        Objects.requireNonNull(before, "before");
        Objects.requireNonNull(after, "after");
        return new ConfigDiffer("before", before, "after", after, ConfigDiffer.Mode.BETWEEN).run();
    }

    /**
     * Two proxies that should be alike, such as two replicas. What is each proxy's own is no difference:
     *
     * <ul>
     *   <li>its addresses (of the node's id, and {@code INSTANCE_IPS}) and its pod's name, wherever they stand in a text or in a
     *       name: listeners and hosts at its own address, stat prefixes, tags of traces;
     *   <li>the node's id, locality and metadata, but for the versions, the cluster, the mesh, the network, the namespace, the
     *       service account, the interception mode and the proxy's configuration
     *       ({@code ISTIO_VERSION}, {@code ISTIO_PROXY_SHA}, {@code CLUSTER_ID}, {@code MESH_ID}, {@code NETWORK}, {@code
     *       NAMESPACE}, {@code SERVICE_ACCOUNT}, {@code INTERCEPTION_MODE}, {@code PROXY_CONFIG});
     *   <li>serial number, fingerprint and validity of certificates that it shows; those of roots that it trusts count.
     * </ul>
     *
     * <p>What a proxy is told because of the zone that it runs in (priorities of endpoints) is a difference.
     *
     * @param one a proxy
     * @param other the other one
     */
    public static ConfigDiff alike(ConfigDump one, ConfigDump other) {
        Objects.requireNonNull(one, "one");
        Objects.requireNonNull(other, "other");
        String first = one.bootstrap().pod();
        String second = other.bootstrap().pod();
        boolean named = !first.isEmpty() && !second.isEmpty() && !first.equals(second);
        return new ConfigDiffer(named ? first : "first", one, named ? second : "second", other, ConfigDiffer.Mode.ALIKE)
                .run();
    }

    /**
     * What istiod would send, against what the proxy has: without what the proxy got from elsewhere.
     *
     * @param endpoints where istiod told the endpoints, if not in the same document
     * @param gaps what could not be read
     */
    @Internal
    public static ConfigDiff sent(
            ConfigDump istiod, @Nullable ConfigDump endpoints, ConfigDump proxy, List<Inconclusive> gaps) {
        ConfigDiffer differ = new ConfigDiffer("istiod", istiod, "proxy", proxy, ConfigDiffer.Mode.SENT);
        ConfigDiff diff = (endpoints == null ? differ : differ.withEndpointsOf(endpoints)).run();
        List<Inconclusive> all = new ArrayList<>(gaps);
        all.addAll(diff.inconclusive);
        return new ConfigDiff(diff.before, diff.after, diff.resources, diff.compared, all);
    }

    /** Nothing could be compared. */
    @Internal
    public static ConfigDiff unknown(String before, String after, List<Inconclusive> why) {
        return new ConfigDiff(before, after, List.of(), Set.of(), why);
    }

    /** The same, with other names for the two sides, such as those of files. */
    public ConfigDiff named(String before, String after) {
        Objects.requireNonNull(before, "before");
        Objects.requireNonNull(after, "after");
        return new ConfigDiff(before, after, resources, compared, inconclusive);
    }

    /** What the first configuration is called: {@code before}, {@code istiod}, the name of a pod. */
    public String before() {
        return before;
    }

    /** What the second configuration is called: {@code after}, {@code proxy}, the name of a pod. */
    public String after() {
        return after;
    }

    /** Whether nothing differs in what could be compared; see {@link #compared()}. */
    public boolean isEmpty() {
        return resources.isEmpty();
    }

    /** The sections that both sides have, so that no difference there means that there is none. */
    public Set<Section> compared() {
        return compared;
    }

    /** All that differ, by section, then by name. */
    public List<ResourceDiff> resources() {
        return resources;
    }

    /** Those of one section that differ, by name. */
    public List<ResourceDiff> section(Section section) {
        Objects.requireNonNull(section, "section");
        return resources.stream()
                .filter(resource -> resource.section() == section)
                .toList();
    }

    /** What could not be compared, and why. */
    public List<Inconclusive> inconclusive() {
        return inconclusive;
    }

    /**
     * A row for each resource that only one side has and for each field that differs: {@code section}, {@code name}, {@code what}
     * ({@code ONLY_BEFORE}, {@code ONLY_AFTER}, {@code CHANGED}, {@code ORDER}, {@code STATE}), {@code path}, {@code before},
     * {@code after}.
     */
    public List<Map<String, String>> rows() {
        List<Map<String, String>> rows = new ArrayList<>();
        for (ResourceDiff resource : resources) {
            if (resource.presence() != ResourceDiff.Presence.CHANGED) {
                rows.add(row(
                        resource, resource.presence().name(), "", resource.summaryBefore(), resource.summaryAfter()));
            }
            for (FieldChange change : resource.changes()) {
                rows.add(row(resource, change.kind().name(), change.path(), change.before(), change.after()));
            }
        }
        return List.copyOf(rows);
    }

    private static Map<String, String> row(
            ResourceDiff resource, String what, String path, String before, String after) {
        Map<String, String> row = new LinkedHashMap<>();
        row.put("section", resource.section().toString());
        row.put("name", resource.name());
        row.put("what", what);
        row.put("path", path);
        row.put("before", before);
        row.put("after", after);
        return Collections.unmodifiableMap(row);
    }

    /** The differences in the form of a unified diff, a hunk for each resource; empty where there is none. */
    public String patch() {
        if (isEmpty()) {
            return "";
        }
        StringBuilder out = new StringBuilder();
        out.append("--- ").append(before).append("\n+++ ").append(after).append('\n');
        for (ResourceDiff resource : resources) {
            out.append("@@ ")
                    .append(resource.section())
                    .append(' ')
                    .append(resource.name())
                    .append(" @@\n");
            if (resource.presence() == ResourceDiff.Presence.ONLY_BEFORE) {
                line(out, '-', resource.name(), resource.summaryBefore());
            } else if (resource.presence() == ResourceDiff.Presence.ONLY_AFTER) {
                line(out, '+', resource.name(), resource.summaryAfter());
            }
            for (FieldChange change : resource.changes()) {
                String path = change.path() + (change.kind() == FieldChange.Kind.ORDER ? " (order)" : "");
                if (!change.before().isEmpty()) {
                    line(out, '-', path, change.before());
                }
                if (!change.after().isEmpty()) {
                    line(out, '+', path, change.after());
                }
            }
        }
        return out.toString();
    }

    private static void line(StringBuilder out, char side, String path, String value) {
        out.append(side).append(path).append(": ");
        // A text of several lines stays one line of the patch.
        out.append(value.replace("\n", "\\n")).append('\n');
    }

    /** What one line says of where a resource is. */
    private String where(ResourceDiff resource) {
        boolean sent = before.equals("istiod") && after.equals("proxy");
        return switch (resource.presence()) {
            case ONLY_BEFORE -> sent ? "istiod would send it, the proxy lacks it" : "only " + before;
            case ONLY_AFTER -> sent ? "the proxy has it, istiod would not send it" : "only " + after;
            case CHANGED -> "";
        };
    }

    /** A change with the names of the sides, where only one has a value. */
    private String words(FieldChange change) {
        if (change.kind() == FieldChange.Kind.CHANGED && change.after().isEmpty()) {
            return change.path() + ": only " + before + ": " + FieldChange.clip(change.before());
        }
        if (change.kind() == FieldChange.Kind.CHANGED && change.before().isEmpty()) {
            return change.path() + ": only " + after + ": " + FieldChange.clip(change.after());
        }
        return change.toString();
    }

    /** All differences for people, a paragraph for each resource; long values are cut. */
    public String text() {
        StringBuilder out = new StringBuilder(title()).append('\n');
        Section section = null;
        for (ResourceDiff resource : resources) {
            if (resource.section() != section) {
                section = resource.section();
                out.append('\n').append(section).append('\n');
            }
            out.append("  ").append(resource.name().isEmpty() ? "(no name)" : resource.name());
            if (resource.presence() != ResourceDiff.Presence.CHANGED) {
                String summary =
                        resource.summaryBefore().isEmpty() ? resource.summaryAfter() : resource.summaryBefore();
                out.append(": ").append(where(resource));
                out.append(summary.isEmpty() ? "" : " (" + summary + ")");
            }
            out.append('\n');
            resource.changes()
                    .forEach(change -> out.append("    ").append(words(change)).append('\n'));
        }
        return out.toString();
    }

    private String title() {
        String gaps = inconclusive.isEmpty() ? "" : ", " + inconclusive.size() + " not seen";
        if (compared.isEmpty()) {
            return before + " and " + after + " could not be compared"
                    + (inconclusive.isEmpty() ? "" : ": " + inconclusive.get(0).message());
        }
        if (resources.isEmpty()) {
            return "no difference between " + before + " and " + after + " in "
                    + String.join(", ", compared.stream().map(Section::toString).toList()) + gaps;
        }
        Map<Section, Integer> counts = new EnumMap<>(Section.class);
        resources.forEach(resource -> counts.merge(resource.section(), 1, Integer::sum));
        List<String> parts = new ArrayList<>();
        counts.forEach((section, count) ->
                parts.add(count + " " + (count == 1 ? section.toString().replaceFirst("s$", "") : section.toString())));
        return before + " and " + after + " differ in " + String.join(", ", parts) + gaps;
    }

    /** How many differ in which section, and as many of them as fit on a screen. */
    @Override
    public String toString() {
        if (isEmpty()) {
            String title = title();
            return title.length() < 880 ? title : title.substring(0, 879) + "…";
        }
        List<String> lines = new ArrayList<>();
        for (ResourceDiff resource : resources) {
            String name = resource.section() + " " + resource.name() + ": ";
            if (resource.presence() != ResourceDiff.Presence.CHANGED) {
                lines.add(name + where(resource));
            }
            resource.changes().forEach(change -> lines.add(name + words(change)));
        }
        return TextTable.list(title(), lines, "differences");
    }
}
