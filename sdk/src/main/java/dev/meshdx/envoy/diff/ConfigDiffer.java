package dev.meshdx.envoy.diff;

import dev.meshdx.envoy.Bootstrap;
import dev.meshdx.envoy.Cluster;
import dev.meshdx.envoy.ConfigDump;
import dev.meshdx.envoy.Endpoint;
import dev.meshdx.envoy.Listener;
import dev.meshdx.envoy.ProxyExtension;
import dev.meshdx.envoy.ProxySecret;
import dev.meshdx.envoy.ResourceState;
import dev.meshdx.envoy.RouteConfiguration;
import dev.meshdx.envoy.Secrets;
import dev.meshdx.envoy.diff.ConfigDiff.Section;
import dev.meshdx.error.Reason;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.model.Json;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Works out a {@link ConfigDiff}: indexes both sides by name, then goes through them once. Not for use by several threads. */
final class ConfigDiffer {
    enum Mode {
        BETWEEN,
        ALIKE,
        /** istiod's answer has nothing of the bootstrap, nor what the agent delivers. */
        SENT
    }

    /** What of the node's metadata should be alike on two replicas. Source: Istio, {@code pkg/model/proxy.go}, NodeMetadata. */
    private static final Set<String> ALIKE_METADATA = Set.of(
            "ISTIO_VERSION",
            "ISTIO_PROXY_SHA",
            "CLUSTER_ID",
            "MESH_ID",
            "NETWORK",
            "NAMESPACE",
            "SERVICE_ACCOUNT",
            "INTERCEPTION_MODE",
            "PROXY_CONFIG");

    /** Credentials of gateways; what else a proxy has, its agent made. Source: Istio, {@code pkg/model/credentials}. */
    private static final String FROM_ISTIOD = "kubernetes";

    /** What is each proxy's own, in texts. */
    private static final class Own implements UnaryOperator<String> {
        private final List<String> addresses = new ArrayList<>();
        private final String pod;

        Own(Bootstrap bootstrap) {
            Set<String> all = new LinkedHashSet<>();
            all.add(bootstrap.address());
            for (String address :
                    bootstrap.metadata().at("INSTANCE_IPS").text("").split(",", -1)) {
                all.add(address.strip());
            }
            all.removeIf(address -> address.length() < 3 || address.startsWith("127.") || address.equals("0.0.0.0"));
            addresses.addAll(all);
            this.pod = bootstrap.pod();
        }

        boolean isKnown() {
            return !addresses.isEmpty() || !pod.isEmpty();
        }

        @Override
        public String apply(String text) {
            String mapped = text;
            for (String address : addresses) {
                mapped = replace(mapped, address, "(own address)", ".:abcdef");
            }
            return pod.isEmpty() ? mapped : replace(mapped, pod, "(own pod)", "-abcdefghijklmnopqrstuvwxyz");
        }

        /** Replaces whole words only; digits and some more characters continue a word. */
        private static String replace(String text, String what, String by, String more) {
            int at = text.indexOf(what);
            if (at < 0) {
                return text;
            }
            StringBuilder out = new StringBuilder();
            int from = 0;
            while (at >= 0) {
                int end = at + what.length();
                // A port follows an address after a colon.
                boolean whole = (at == 0 || !continues(text.charAt(at - 1), more))
                        && (end == text.length()
                                || !continues(text.charAt(end), what.contains(":") ? more : more.replace(":", ""))
                                || (text.charAt(end) == '.' && (end + 1 == text.length() || !isDigit(text, end + 1))));
                out.append(text, from, at).append(whole ? by : what);
                from = end;
                at = text.indexOf(what, end);
            }
            return out.append(text, from, text.length()).toString();
        }

        private static boolean isDigit(String text, int at) {
            return text.charAt(at) >= '0' && text.charAt(at) <= '9';
        }

        private static boolean continues(char c, String more) {
            return (c >= '0' && c <= '9') || more.indexOf(c) >= 0;
        }
    }

    /** One version of a resource on one side. */
    private record Held(
            ResourceState state,
            Json raw,
            Optional<String> error,
            Optional<String> version,
            Optional<Instant> lastUpdated) {
        boolean inUse() {
            return state == ResourceState.ACTIVE || state == ResourceState.STATIC;
        }
    }

    private final String beforeName;
    private final ConfigDump before;
    private final String afterName;
    private final ConfigDump after;
    private final Mode mode;
    private ConfigDump endpointsBefore;
    private final UnaryOperator<String> beforeOwn;
    private final UnaryOperator<String> afterOwn;
    private final JsonDiff json;
    private final List<ResourceDiff> resources = new ArrayList<>();
    private final Set<Section> compared = EnumSet.noneOf(Section.class);
    private final List<Inconclusive> inconclusive = new ArrayList<>();
    private boolean beforeWhole;
    private boolean afterWhole;

    ConfigDiffer(String beforeName, ConfigDump before, String afterName, ConfigDump after, Mode mode) {
        this.beforeName = beforeName;
        this.before = before;
        this.afterName = afterName;
        this.after = after;
        this.mode = mode;
        this.endpointsBefore = before;
        if (mode == Mode.ALIKE) {
            Own one = new Own(before.bootstrap());
            Own other = new Own(after.bootstrap());
            this.beforeOwn = one;
            this.afterOwn = other;
            if (!one.isKnown() || !other.isKnown()) {
                inconclusive.add(Inconclusive.of(
                        "what is each proxy's own",
                        null,
                        Reason.NOT_RECORDED,
                        "The bootstrap does not say which addresses and which pod are the proxy's own; they may show as"
                                + " differences.",
                        "Ask both proxies for the whole /config_dump?include_eds."));
            }
        } else {
            this.beforeOwn = UnaryOperator.identity();
            this.afterOwn = UnaryOperator.identity();
        }
        this.json = new JsonDiff(beforeOwn, afterOwn);
    }

    /** For a first side whose endpoints stand in a document of their own. */
    ConfigDiffer withEndpointsOf(ConfigDump endpoints) {
        endpointsBefore = endpoints;
        return this;
    }

    ConfigDiff run() {
        if (mode != Mode.SENT
                && begin(
                        Section.BOOTSTRAP,
                        before.bootstrap().gaps(),
                        after.bootstrap().gaps())) {
            bootstrap();
        }
        if (begin(Section.CLUSTERS, before.clusters().gaps(), after.clusters().gaps())) {
            compare(Section.CLUSTERS, clusters(before), clusters(after));
        }
        if (begin(
                Section.LISTENERS, before.listeners().gaps(), after.listeners().gaps())) {
            compare(Section.LISTENERS, listeners(before), listeners(after));
        }
        if (begin(Section.ROUTES, before.routes().gaps(), after.routes().gaps())) {
            compare(Section.ROUTES, routes(before), routes(after));
        }
        if (begin(
                Section.ENDPOINTS,
                endpointsBefore.endpoints().gaps(),
                after.endpoints().gaps())) {
            endpoints();
        }
        Secrets secretsBefore = before.secrets(Instant.EPOCH);
        Secrets secretsAfter = after.secrets(Instant.EPOCH);
        if (tellsSecrets(secretsBefore, secretsAfter)
                && begin(Section.SECRETS, secretsBefore.gaps(), secretsAfter.gaps())) {
            compare(Section.SECRETS, secrets(secretsBefore), secrets(secretsAfter));
        }
        if (begin(
                Section.EXTENSIONS,
                before.extensions().gaps(),
                after.extensions().gaps())) {
            compare(Section.EXTENSIONS, extensions(before), extensions(after));
        }
        for (String type : json.incomparable()) {
            inconclusive.add(Inconclusive.of(
                    "messages of type " + type,
                    null,
                    Reason.UNSUPPORTED,
                    "One side has " + type
                            + " as fields and the other one as bytes: who printed the bytes does not know"
                            + " the type, so they cannot be compared.",
                    "Compare two dumps of the same program."));
        }
        return new ConfigDiff(beforeName, afterName, resources, compared, inconclusive);
    }

    /** An istiod that tells no secret at all does not say that there is none. */
    private boolean tellsSecrets(Secrets istiod, Secrets proxy) {
        if (mode != Mode.SENT || !istiod.isEmpty()) {
            return true;
        }
        if (proxy.stream().anyMatch(secret -> secret.name().startsWith(FROM_ISTIOD))) {
            inconclusive.add(Inconclusive.of(
                    Section.SECRETS.toString(),
                    null,
                    Reason.UNSUPPORTED,
                    "The secrets were not compared: istiod's answer has none.",
                    "Look at those of the proxy: WARMING means that it waits for one."));
        }
        return false;
    }

    /** Whether both sides have a section; why not is told. */
    private boolean begin(Section section, List<Inconclusive> beforeGaps, List<Inconclusive> afterGaps) {
        boolean mine = hasSection(section, beforeGaps);
        boolean other = hasSection(section, afterGaps);
        beforeWhole = true;
        afterWhole = true;
        for (Inconclusive gap : beforeGaps) {
            if (!isAbsence(section, gap)) {
                beforeWhole = false;
                tell(beforeName, gap);
            }
        }
        for (Inconclusive gap : afterGaps) {
            if (!isAbsence(section, gap)) {
                afterWhole = false;
                tell(afterName, gap);
            }
        }
        if (section == Section.EXTENSIONS) {
            // Envoy leaves the section out where there is none; a whole document has listeners.
            mine |= hasSection(Section.LISTENERS, before.listeners().gaps()) && other;
            other |= hasSection(Section.LISTENERS, after.listeners().gaps()) && mine;
        }
        if (mine && other) {
            compared.add(section);
            return true;
        }
        if (mine || other) {
            String missing = mine ? afterName : beforeName;
            inconclusive.add(Inconclusive.of(
                    section.toString(),
                    null,
                    Reason.NOT_RECORDED,
                    "The " + section + " were not compared: " + missing + " has no section with them.",
                    missing.equals("istiod")
                            ? "Nothing to do: the rest was compared."
                            : "Ask the proxy for the whole /config_dump?include_eds."));
        }
        return false;
    }

    private static boolean hasSection(Section section, List<Inconclusive> gaps) {
        return gaps.stream().noneMatch(gap -> isAbsence(section, gap));
    }

    private static boolean isAbsence(Section section, Inconclusive gap) {
        return gap.reason() == Reason.NOT_RECORDED && gap.what().equals(section.toString());
    }

    private void tell(String side, Inconclusive gap) {
        inconclusive.add(Inconclusive.of(
                gap.what() + " (" + side + ")",
                null,
                gap.reason(),
                gap.message() + " What " + side + " does not show is not told as missing there.",
                gap.remedy()));
    }

    // The sections as names and versions

    private static final class Index {
        private final Map<String, List<Held>> byName = new TreeMap<>();

        void add(String name, Held held) {
            byName.computeIfAbsent(name, key -> new ArrayList<>(1)).add(held);
        }
    }

    /** What the proxy did not get from istiod, or only keeps until its last connection ends. */
    private boolean isOwn(ResourceState state) {
        return mode == Mode.SENT && (state == ResourceState.STATIC || state == ResourceState.DRAINING);
    }

    private Index clusters(ConfigDump dump) {
        Index index = new Index();
        for (Cluster cluster : dump.clusters()) {
            if (!isOwn(cluster.state())) {
                index.add(
                        cluster.name(),
                        new Held(
                                cluster.state(),
                                cluster.raw(),
                                cluster.error(),
                                cluster.version(),
                                cluster.lastUpdated()));
            }
        }
        return index;
    }

    private Index listeners(ConfigDump dump) {
        Index index = new Index();
        for (Listener listener : dump.listeners()) {
            if (!isOwn(listener.state())) {
                index.add(
                        listener.name(),
                        new Held(
                                listener.state(),
                                listener.raw(),
                                listener.error(),
                                listener.version(),
                                listener.lastUpdated()));
            }
        }
        return index;
    }

    private Index routes(ConfigDump dump) {
        Index index = new Index();
        for (RouteConfiguration route : dump.routes()) {
            if (!isOwn(route.state())) {
                index.add(
                        route.name(),
                        new Held(route.state(), route.raw(), route.error(), route.version(), route.lastUpdated()));
            }
        }
        return index;
    }

    private Index extensions(ConfigDump dump) {
        Index index = new Index();
        for (ProxyExtension extension : dump.extensions()) {
            index.add(
                    extension.name(),
                    new Held(
                            extension.state(), extension.raw(), extension.error(), Optional.empty(), Optional.empty()));
        }
        return index;
    }

    private Index secrets(Secrets secrets) {
        Index index = new Index();
        for (ProxySecret secret : secrets) {
            if (mode != Mode.SENT || secret.name().startsWith(FROM_ISTIOD)) {
                index.add(
                        secret.name(),
                        new Held(
                                secret.state(),
                                described(secret),
                                secret.error(),
                                secret.version(),
                                secret.lastUpdated()));
            }
        }
        return index;
    }

    /** What of a secret may be seen, and counts. */
    private Json described(ProxySecret secret) {
        boolean each = mode == Mode.ALIKE && !secret.isTrust();
        List<Json> certificates = new ArrayList<>();
        for (X509Certificate certificate : secret.certificates()) {
            boolean own = each && certificates.isEmpty();
            certificates.add(Json.object(
                    "serial", own ? null : String.format(Locale.ROOT, "%032x", certificate.getSerialNumber()),
                    "sha256", own ? null : fingerprint(certificate),
                    "subject", certificate.getSubjectX500Principal().getName(),
                    "issuer", certificate.getIssuerX500Principal().getName(),
                    "not_before",
                            own ? null : certificate.getNotBefore().toInstant().toString(),
                    "not_after",
                            own ? null : certificate.getNotAfter().toInstant().toString()));
        }
        return Json.object(
                "type", secret.type(),
                "trust_domain", secret.trustDomain(),
                "names", Json.array(secret.subjectAlternativeNames()),
                "certificates", Json.array(certificates));
    }

    private static String fingerprint(X509Certificate certificate) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded()));
        } catch (NoSuchAlgorithmException | CertificateEncodingException e) {
            return "";
        }
    }

    // Comparing

    private void bootstrap() {
        List<FieldChange> changes = json.compare(
                bootstrap(before.bootstrap().raw()), bootstrap(after.bootstrap().raw()));
        if (!changes.isEmpty()) {
            resources.add(new ResourceDiff(
                    Section.BOOTSTRAP,
                    "bootstrap",
                    ResourceDiff.Presence.CHANGED,
                    changes,
                    ResourceDiff.Version.NONE,
                    ResourceDiff.Version.NONE));
        }
    }

    /** Without the static resources, which are compared as clusters, listeners and secrets. */
    private Json bootstrap(Json raw) {
        List<@Nullable Object> fields = new ArrayList<>();
        raw.forEachField((name, value) -> {
            if (!name.equals("static_resources")) {
                fields.add(name);
                fields.add(name.equals("node") && mode == Mode.ALIKE ? node(value) : value);
            }
        });
        return Json.object(fields.toArray());
    }

    private static Json node(Json node) {
        List<@Nullable Object> fields = new ArrayList<>();
        node.forEachField((name, value) -> {
            if (name.equals("metadata")) {
                List<@Nullable Object> kept = new ArrayList<>();
                value.forEachField((key, item) -> {
                    if (ALIKE_METADATA.contains(key)) {
                        kept.add(key);
                        kept.add(item);
                    }
                });
                fields.add(name);
                fields.add(Json.object(kept.toArray()));
            } else if (!name.equals("id") && !name.equals("locality")) {
                fields.add(name);
                fields.add(value);
            }
        });
        return Json.object(fields.toArray());
    }

    private void compare(Section section, Index one, Index other) {
        Map<String, String> ownNames = new HashMap<>();
        if (mode == Mode.ALIKE) {
            for (String name : other.byName.keySet()) {
                if (!one.byName.containsKey(name)) {
                    ownNames.putIfAbsent(afterOwn.apply(name), name);
                }
            }
        }
        Set<String> used = new TreeSet<>();
        one.byName.forEach((name, mine) -> {
            List<Held> theirs = other.byName.get(name);
            String as = theirs == null ? ownNames.get(beforeOwn.apply(name)) : name;
            if (as != null && theirs == null) {
                theirs = other.byName.get(as);
            }
            if (theirs != null && used.add(String.valueOf(as))) {
                both(section, name, mine, theirs);
            } else if (afterWhole) {
                resources.add(new ResourceDiff(
                        section, name, ResourceDiff.Presence.ONLY_BEFORE, List.of(), version(mine), null));
            }
        });
        other.byName.forEach((name, theirs) -> {
            if (!used.contains(name) && beforeWhole) {
                resources.add(new ResourceDiff(
                        section, name, ResourceDiff.Presence.ONLY_AFTER, List.of(), null, version(theirs)));
            }
        });
    }

    private static ResourceDiff.Version version(List<Held> all) {
        Held held = main(all);
        return new ResourceDiff.Version(held.version(), held.lastUpdated(), states(all));
    }

    /** The version in use, or what there is instead. */
    private static Held main(List<Held> all) {
        return all.stream().filter(Held::inUse).findFirst().orElse(all.get(0));
    }

    /** Such as {@code ACTIVE}, or {@code ACTIVE, REJECTED (reason)}. */
    private static String states(List<Held> all) {
        Set<String> states = new LinkedHashSet<>();
        for (Held held : all) {
            String error = held.error().orElse("");
            String because = error.isEmpty() ? "" : " (" + error.strip() + ")";
            if (held.state() == ResourceState.REJECTED || error.isEmpty()) {
                states.add(held.state() + because);
            } else {
                states.add(held.state().toString());
                states.add(ResourceState.REJECTED + because);
            }
        }
        return String.join(", ", states);
    }

    private void both(Section section, String name, List<Held> mine, List<Held> theirs) {
        List<FieldChange> changes = new ArrayList<>();
        String before = states(mine);
        String after = states(theirs);
        if (!json.same(before, after)) {
            changes.add(new FieldChange(FieldChange.Kind.STATE, "state", before, after));
        }
        if (mine.size() == 1 && theirs.size() == 1) {
            contents(changes, "", mine.get(0), theirs.get(0));
        } else {
            boolean any = false;
            for (ResourceState state : ResourceState.values()) {
                List<Held> one = distinct(mine, state, beforeOwn);
                List<Held> other = distinct(theirs, state, afterOwn);
                any |= !one.isEmpty() && !other.isEmpty();
                pairs(changes, state, one, other);
            }
            if (!any) {
                contents(changes, "", main(mine), main(theirs));
            }
        }
        if (!changes.isEmpty()) {
            resources.add(new ResourceDiff(
                    section, name, ResourceDiff.Presence.CHANGED, changes, version(mine), version(theirs)));
        }
    }

    private void contents(List<FieldChange> changes, String root, Held mine, Held theirs) {
        changes.addAll(json.compare(root, mine.raw(), theirs.raw()));
    }

    /** Those of a state, the same content once: an inline route shows as often as there are listeners with it. */
    private static List<Held> distinct(List<Held> all, ResourceState state, UnaryOperator<String> own) {
        List<Held> some = all.stream().filter(held -> held.state() == state).toList();
        if (some.size() < 2) {
            return some;
        }
        Map<String, Held> distinct = new LinkedHashMap<>();
        some.forEach(held -> distinct.putIfAbsent(JsonDiff.canonical(held.raw(), own), held));
        return List.copyOf(distinct.values());
    }

    /** Several of one name and state, in an order of Envoy's own: what is alike pairs up, the rest in its order. */
    private void pairs(List<FieldChange> changes, ResourceState state, List<Held> mine, List<Held> theirs) {
        if (mine.isEmpty() || theirs.isEmpty()) {
            return;
        }
        String root = state == ResourceState.ACTIVE || state == ResourceState.STATIC ? "" : "(" + state + ")";
        if (mine.size() == 1 && theirs.size() == 1) {
            contents(changes, root, mine.get(0), theirs.get(0));
            return;
        }
        Map<String, Held> left = new LinkedHashMap<>();
        mine.forEach(held -> left.put(JsonDiff.canonical(held.raw(), beforeOwn), held));
        List<Held> right = new ArrayList<>();
        for (Held held : theirs) {
            if (left.remove(JsonDiff.canonical(held.raw(), afterOwn)) == null) {
                right.add(held);
            }
        }
        List<Held> rest = List.copyOf(left.values());
        for (int i = 0; i < Math.max(rest.size(), right.size()); i++) {
            String item = root + "(copy " + (i + 1) + ")";
            if (i < rest.size() && i < right.size()) {
                contents(changes, item, rest.get(i), right.get(i));
            } else {
                changes.add(new FieldChange(
                        FieldChange.Kind.CHANGED,
                        item,
                        i < rest.size() ? JsonDiff.text(rest.get(i).raw()) : "",
                        i < right.size() ? JsonDiff.text(right.get(i).raw()) : ""));
            }
        }
    }

    // Endpoints

    private void endpoints() {
        Map<String, Map<String, Endpoint>> one = assignments(endpointsBefore, after);
        Map<String, Map<String, Endpoint>> other = assignments(after, endpointsBefore);
        Set<String> used = new TreeSet<>();
        one.forEach((cluster, mine) -> {
            Map<String, Endpoint> theirs = other.get(cluster);
            if (theirs != null) {
                used.add(cluster);
                hosts(cluster, mine, theirs);
            } else if (afterWhole) {
                resources.add(new ResourceDiff(
                        Section.ENDPOINTS, cluster, ResourceDiff.Presence.ONLY_BEFORE, List.of(), summary(mine), null));
            }
        });
        other.forEach((cluster, theirs) -> {
            if (!used.contains(cluster) && beforeWhole) {
                resources.add(new ResourceDiff(
                        Section.ENDPOINTS,
                        cluster,
                        ResourceDiff.Presence.ONLY_AFTER,
                        List.of(),
                        null,
                        summary(theirs)));
            }
        });
    }

    private static ResourceDiff.Version summary(Map<String, Endpoint> hosts) {
        String some = hosts.keySet().stream().limit(5).collect(Collectors.joining(", "));
        return new ResourceDiff.Version(
                Optional.empty(),
                Optional.empty(),
                hosts.size()
                        + (hosts.size() == 1 ? " endpoint: " : " endpoints: ")
                        + some
                        + (hosts.size() > 5 ? ", …" : ""));
    }

    /** The hosts of a side by cluster and address; of what istiod sends only those of clusters that get them by EDS. */
    private Map<String, Map<String, Endpoint>> assignments(ConfigDump dump, ConfigDump counterpart) {
        Set<String> fromElsewhere = mode == Mode.SENT ? notByEds(dump, counterpart) : Set.of();
        Map<String, Map<String, Endpoint>> clusters = new TreeMap<>();
        for (Endpoint endpoint : dump.endpoints()) {
            if (!fromElsewhere.contains(endpoint.cluster())) {
                Map<String, Endpoint> hosts =
                        clusters.computeIfAbsent(endpoint.cluster(), name -> new LinkedHashMap<>());
                String address = String.join(",", endpoint.targets());
                String key = address;
                for (int i = 2; hosts.containsKey(key); i++) {
                    key = address + " #" + i;
                }
                hosts.put(key, endpoint);
            }
        }
        return clusters;
    }

    private static Set<String> notByEds(ConfigDump dump, ConfigDump counterpart) {
        Set<String> names = new TreeSet<>();
        for (ConfigDump side : List.of(dump, counterpart)) {
            for (Cluster cluster : side.clusters()) {
                if (cluster.state() == ResourceState.STATIC
                        || !cluster.raw().at("type").text("").equals("EDS")) {
                    names.add(cluster.name());
                }
            }
        }
        return names;
    }

    private void hosts(String cluster, Map<String, Endpoint> mine, Map<String, Endpoint> theirs) {
        List<FieldChange> changes = new ArrayList<>();
        Map<String, String> own = new HashMap<>();
        if (mode == Mode.ALIKE) {
            for (String address : theirs.keySet()) {
                if (!mine.containsKey(address)) {
                    own.putIfAbsent(afterOwn.apply(address), address);
                }
            }
        }
        Set<String> used = new TreeSet<>();
        mine.forEach((address, host) -> {
            String as = theirs.containsKey(address) ? address : own.get(beforeOwn.apply(address));
            Endpoint twin = as == null ? null : theirs.get(as);
            if (as == null || twin == null || !used.add(as)) {
                if (afterWhole) {
                    changes.add(new FieldChange(FieldChange.Kind.CHANGED, address, about(host, host), ""));
                }
                return;
            }
            String one = about(host, twin);
            String other = about(twin, host);
            if (!one.equals(other)) {
                changes.add(new FieldChange(FieldChange.Kind.CHANGED, address, one, other));
            }
            if (!host.isObserved() && !twin.isObserved()) {
                changes.addAll(json.compare(
                        "[" + address + "].metadata",
                        host.raw().at("metadata"),
                        twin.raw().at("metadata")));
            }
        });
        theirs.forEach((address, host) -> {
            if (!used.contains(address) && beforeWhole) {
                changes.add(new FieldChange(FieldChange.Kind.CHANGED, address, "", about(host, host)));
            }
        });
        if (!changes.isEmpty()) {
            resources.add(new ResourceDiff(
                    Section.ENDPOINTS,
                    cluster,
                    ResourceDiff.Presence.CHANGED,
                    changes,
                    summary(mine),
                    summary(theirs)));
        }
    }

    /** Health, weight, priority and place, such as {@code HEALTHY, weight 2}; what is usual is left out. */
    private static String about(Endpoint host, Endpoint twin) {
        List<String> parts = new ArrayList<>();
        String health = host.healthStatus();
        parts.add(health.equals("UNKNOWN") ? "HEALTHY" : health);
        if (host.isObserved() && twin.isObserved()) {
            for (String failure : host.failures()) {
                if (!failure.startsWith("eds_health_status")) {
                    parts.add(failure);
                }
            }
        }
        parts.add("weight " + host.weight());
        if (host.priority() != 0) {
            parts.add("priority " + host.priority());
        }
        if (!host.locality().isEmpty()) {
            parts.add(host.locality());
        }
        return String.join(", ", parts);
    }
}
