package dev.meshdx.testkit.internal;

import dev.meshdx.model.Json;
import dev.meshdx.model.ResourceKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A kind as discovery shows it.
 *
 * @param kind the kind, with the version that is preferred
 * @param versions all versions in which its objects can be had, the preferred one first
 * @param shortNames what kubectl accepts instead of the plural
 * @param categories what kubectl accepts for several kinds at once
 * @param custom whether a CustomResourceDefinition brought it
 * @param columns what {@code kubectl get} shows beside the name
 */
record ServedKind(
        ResourceKind kind,
        List<String> versions,
        List<String> shortNames,
        List<String> categories,
        boolean custom,
        List<Column> columns) {
    /** A column of a table. */
    record Column(String name, String type, String path, int priority) {}

    /** Plural, kind, scope, short names and categories of Kubernetes' own kinds that meshdx has no constant for. */
    private static final List<ServedKind> BUILT_IN = Stream.of(
                    "|v1|limitranges|LimitRange|N|limits|",
                    "|v1|persistentvolumeclaims|PersistentVolumeClaim|N|pvc|",
                    "|v1|persistentvolumes|PersistentVolume|C|pv|",
                    "|v1|podtemplates|PodTemplate|N||",
                    "|v1|replicationcontrollers|ReplicationController|N|rc|all",
                    "|v1|resourcequotas|ResourceQuota|N|quota|",
                    "apps|v1|controllerrevisions|ControllerRevision|N||",
                    "autoscaling|v2|horizontalpodautoscalers|HorizontalPodAutoscaler|N|hpa|all",
                    "batch|v1|cronjobs|CronJob|N|cj|all",
                    "batch|v1|jobs|Job|N||all",
                    "coordination.k8s.io|v1|leases|Lease|N||",
                    "events.k8s.io|v1|events|Event|N|ev|",
                    "networking.k8s.io|v1|ingressclasses|IngressClass|C||",
                    "policy|v1|poddisruptionbudgets|PodDisruptionBudget|N|pdb|",
                    "rbac.authorization.k8s.io|v1|clusterrolebindings|ClusterRoleBinding|C||",
                    "rbac.authorization.k8s.io|v1|clusterroles|ClusterRole|C||",
                    "rbac.authorization.k8s.io|v1|rolebindings|RoleBinding|N||",
                    "rbac.authorization.k8s.io|v1|roles|Role|N||",
                    "scheduling.k8s.io|v1|priorityclasses|PriorityClass|C|pc|",
                    "storage.k8s.io|v1|storageclasses|StorageClass|C|sc|")
            .map(ServedKind::builtIn)
            .toList();

    private static ServedKind builtIn(String line) {
        String[] parts = line.split("\\|", -1);
        ResourceKind kind = new ResourceKind(parts[0], parts[1], parts[2], parts[3], parts[4].equals("N"));
        return new ServedKind(kind, List.of(parts[1]), words(parts[5]), words(parts[6]), false, List.of());
    }

    private static List<String> words(String list) {
        return list.isEmpty() ? List.of() : List.of(list.split(",", -1));
    }

    /** Kubernetes' own kinds, without those of metrics.k8s.io, which an add-on brings. */
    static List<ServedKind> builtIn() {
        List<ServedKind> kinds = new ArrayList<>(BUILT_IN);
        ResourceKind.known().stream()
                .filter(kind -> !isCustom(kind) && !kind.group().equals("metrics.k8s.io"))
                .map(ServedKind::known)
                .forEach(kinds::add);
        return kinds;
    }

    /** Istio's kinds. */
    static List<ServedKind> istio() {
        return ResourceKind.known().stream()
                .filter(kind -> kind.group().endsWith(".istio.io"))
                .map(ServedKind::known)
                .toList();
    }

    /** Every kind that Kubernetes, Istio or the Gateway API have and this class knows of. */
    static boolean isKnown(String group, String plural) {
        return Stream.concat(BUILT_IN.stream().map(ServedKind::kind), ResourceKind.known().stream())
                .anyMatch(kind -> kind.group().equals(group) && kind.plural().equals(plural));
    }

    private static boolean isCustom(ResourceKind kind) {
        return kind.group().endsWith(".istio.io") || kind.group().equals("gateway.networking.k8s.io");
    }

    /**
     * A kind that meshdx has a constant for, in the versions that its projects serve now. Source: Istio 1.27,
     * {@code manifests/charts/base/files/crd-all.gen.yaml}; Gateway API 1.3, standard channel.
     */
    static ServedKind known(ResourceKind kind) {
        List<String> versions = new ArrayList<>(List.of(kind.version()));
        if (kind.version().equals("v1")) {
            switch (kind.group()) {
                case "networking.istio.io" -> versions.addAll(List.of("v1beta1", "v1alpha3"));
                case "security.istio.io", "gateway.networking.k8s.io" -> versions.add("v1beta1");
                case "telemetry.istio.io" -> versions.add("v1alpha1");
                default -> {}
            }
        }
        String category = kind.group().endsWith(".istio.io")
                ? "istio-io"
                : kind.group().equals("gateway.networking.k8s.io") ? "gateway-api" : "";
        boolean all = List.of("pods", "services", "deployments", "replicasets", "statefulsets", "daemonsets")
                        .contains(kind.plural())
                && !kind.group().contains("metrics");
        return new ServedKind(
                kind,
                List.copyOf(versions),
                words(shortNames(kind)),
                words(all ? "all" : category),
                isCustom(kind),
                List.of());
    }

    private static String shortNames(ResourceKind kind) {
        return switch (kind.qualifiedPlural()) {
            case "pods" -> "po";
            case "services" -> "svc";
            case "namespaces" -> "ns";
            case "nodes" -> "no";
            case "endpoints" -> "ep";
            case "configmaps" -> "cm";
            case "serviceaccounts" -> "sa";
            case "events" -> "ev";
            case "deployments.apps" -> "deploy";
            case "replicasets.apps" -> "rs";
            case "statefulsets.apps" -> "sts";
            case "daemonsets.apps" -> "ds";
            case "ingresses.networking.k8s.io" -> "ing";
            case "networkpolicies.networking.k8s.io" -> "netpol";
            case "customresourcedefinitions.apiextensions.k8s.io" -> "crd,crds";
            case "virtualservices.networking.istio.io" -> "vs";
            case "destinationrules.networking.istio.io" -> "dr";
            case "gateways.networking.istio.io" -> "gw";
            case "serviceentries.networking.istio.io" -> "se";
            case "workloadentries.networking.istio.io" -> "we";
            case "workloadgroups.networking.istio.io" -> "wg";
            case "peerauthentications.security.istio.io" -> "pa";
            case "requestauthentications.security.istio.io" -> "ra";
            case "authorizationpolicies.security.istio.io" -> "ap";
            case "telemetries.telemetry.istio.io" -> "telemetry";
            case "gateways.gateway.networking.k8s.io" -> "gtw";
            case "gatewayclasses.gateway.networking.k8s.io" -> "gc";
            default -> "";
        };
    }

    /** The kind that a CustomResourceDefinition defines; empty where it serves no version. */
    static Optional<ServedKind> defined(Json definition) {
        Json spec = definition.at("spec");
        List<String> versions = new ArrayList<>();
        List<Column> columns = new ArrayList<>();
        for (Json version : spec.at("versions").items()) {
            if (version.at("served").bool(false)) {
                versions.add(version.at("name").text(""));
            }
        }
        if (versions.isEmpty()) {
            return Optional.empty();
        }
        for (Json column :
                spec.at("versions").at(0).at("additionalPrinterColumns").items()) {
            columns.add(new Column(
                    column.at("name").text(""),
                    column.at("type").text("string"),
                    column.at("jsonPath").text(""),
                    (int) column.at("priority").number(0)));
        }
        // v1 before v1beta1 before v1alpha3. Source: Kubernetes, "Versions in CustomResourceDefinitions", version
        // priority.
        versions.sort((a, b) -> {
            int order = Integer.compare(stability(b), stability(a));
            return order != 0 ? order : b.compareTo(a);
        });
        Json names = spec.at("names");
        ResourceKind defined = new ResourceKind(
                spec.at("group").text(""),
                versions.get(0),
                names.at("plural").text(""),
                names.at("kind").text(""),
                spec.at("scope").text("Namespaced").equals("Namespaced"));
        ResourceKind kind = ResourceKind.known().stream()
                .filter(known -> known.group().equals(defined.group())
                        && known.plural().equals(defined.plural())
                        && versions.contains(known.version()))
                .findFirst()
                .orElse(defined);
        return Optional.of(new ServedKind(
                kind,
                List.copyOf(versions),
                names.at("shortNames").texts(),
                names.at("categories").texts(),
                true,
                List.copyOf(columns)));
    }

    private static int stability(String version) {
        return version.contains("alpha") ? 0 : version.contains("beta") ? 1 : 2;
    }

    /** A kind of which only an object was seen. */
    static ServedKind seen(ResourceKind kind) {
        return known(kind);
    }

    String singular() {
        return kind.kind().toLowerCase(Locale.ROOT);
    }

    String apiVersion(String version) {
        return kind.group().isEmpty() ? version : kind.group() + "/" + version;
    }
}
