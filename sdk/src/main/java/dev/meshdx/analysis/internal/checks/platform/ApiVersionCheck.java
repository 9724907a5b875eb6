package dev.meshdx.analysis.internal.checks.platform;

import static dev.meshdx.model.ResourceKind.CUSTOM_RESOURCE_DEFINITION;

import dev.meshdx.analysis.internal.checks.ReferencedResources;
import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.ConfigurationCheck;
import dev.meshdx.configuration.Field;
import dev.meshdx.finding.Finding;
import dev.meshdx.finding.FindingCode;
import dev.meshdx.finding.Severity;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Documents of versions or kinds that no API server serves (any more): {@code kubectl apply} refuses them. Source: Kubernetes,
 * "Deprecated API Migration Guide"; Istio's CustomResourceDefinitions, and the change notes of 1.6 (authentication.istio.io and
 * rbac.istio.io) and 1.8 (config.istio.io, Mixer); Gateway API, release notes of 1.0 and 1.2. Definitions that were read say
 * more than any table: {@code CustomResourceDefinition.spec.versions[].served}.
 */
public final class ApiVersionCheck implements ConfigurationCheck {
    static final FindingCode CODE = new FindingCode(
            "MDX0294",
            "ApiVersionNotServed",
            Severity.ERROR,
            "The resource is written in a version of its API that is not served.");

    /**
     * What is gone.
     *
     * @param since who dropped it, and when
     * @param instead the version to write; empty where there is no successor of the same kind
     * @param advice what else to change
     */
    private record Gone(String since, String instead, String advice) {}

    private static final Map<String, Gone> GONE = new HashMap<>();

    /** Served by Istio's own definitions, newest first. */
    private static final Map<String, List<String>> ISTIO = new TreeMap<>();

    static {
        String apps = "spec.selector is required there.";
        for (String version : List.of("extensions/v1beta1", "apps/v1beta1", "apps/v1beta2")) {
            for (String kind : List.of("Deployment", "DaemonSet", "ReplicaSet", "StatefulSet")) {
                GONE.put(version + " " + kind, new Gone("Kubernetes 1.16", "apps/v1", apps));
            }
        }
        String ingress =
                "Backends are written service: {name: NAME, port: {number: PORT}} there, and pathType is required.";
        for (String version : List.of("extensions/v1beta1", "networking.k8s.io/v1beta1")) {
            GONE.put(version + " Ingress", new Gone("Kubernetes 1.22", "networking.k8s.io/v1", ingress));
        }
        GONE.put("networking.k8s.io/v1beta1 IngressClass", new Gone("Kubernetes 1.22", "networking.k8s.io/v1", ""));
        GONE.put("extensions/v1beta1 NetworkPolicy", new Gone("Kubernetes 1.16", "networking.k8s.io/v1", ""));
        String security = "Use Pod Security Admission: label the namespace pod-security.kubernetes.io/enforce.";
        GONE.put("extensions/v1beta1 PodSecurityPolicy", new Gone("Kubernetes 1.16", "", security));
        GONE.put("policy/v1beta1 PodSecurityPolicy", new Gone("Kubernetes 1.25", "", security));
        GONE.put("policy/v1beta1 PodDisruptionBudget", new Gone("Kubernetes 1.25", "policy/v1", ""));
        for (String kind : List.of("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")) {
            GONE.put(
                    "admissionregistration.k8s.io/v1beta1 " + kind,
                    new Gone(
                            "Kubernetes 1.22",
                            "admissionregistration.k8s.io/v1",
                            "sideEffects and admissionReviewVersions are required there."));
        }
        GONE.put(
                "apiextensions.k8s.io/v1beta1 CustomResourceDefinition",
                new Gone("Kubernetes 1.22", "apiextensions.k8s.io/v1", "Each version needs a schema there."));
        for (String kind : List.of("Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding")) {
            GONE.put(
                    "rbac.authorization.k8s.io/v1beta1 " + kind,
                    new Gone("Kubernetes 1.22", "rbac.authorization.k8s.io/v1", ""));
        }
        GONE.put("batch/v1beta1 CronJob", new Gone("Kubernetes 1.25", "batch/v1", ""));
        GONE.put("discovery.k8s.io/v1beta1 EndpointSlice", new Gone("Kubernetes 1.25", "discovery.k8s.io/v1", ""));
        GONE.put("autoscaling/v2beta1 HorizontalPodAutoscaler", new Gone("Kubernetes 1.25", "autoscaling/v2", ""));
        GONE.put("autoscaling/v2beta2 HorizontalPodAutoscaler", new Gone("Kubernetes 1.26", "autoscaling/v2", ""));
        for (String kind : List.of("Gateway", "GatewayClass", "HTTPRoute")) {
            GONE.put(
                    "gateway.networking.k8s.io/v1alpha2 " + kind,
                    new Gone("Gateway API 1.0", "gateway.networking.k8s.io/v1", ""));
        }
        GONE.put(
                "gateway.networking.k8s.io/v1alpha2 GRPCRoute",
                new Gone("Gateway API 1.2", "gateway.networking.k8s.io/v1", ""));
        GONE.put(
                "gateway.networking.k8s.io/v1alpha2 ReferenceGrant",
                new Gone("Gateway API 1.2", "gateway.networking.k8s.io/v1beta1", ""));
        for (ResourceKind kind : ResourceKind.known()) {
            List<String> versions = switch (kind.group()) {
                case "networking.istio.io" ->
                    switch (kind.kind()) {
                        case "EnvoyFilter" -> List.of("v1alpha3");
                        case "ProxyConfig" -> List.of("v1beta1");
                        default -> List.of("v1", "v1beta1", "v1alpha3");
                    };
                case "security.istio.io" -> List.of("v1", "v1beta1");
                case "telemetry.istio.io" -> List.of("v1", "v1alpha1");
                case "extensions.istio.io" -> List.of("v1alpha1");
                default -> List.of();
            };
            if (!versions.isEmpty()) {
                ISTIO.put(
                        kind.group() + " " + kind.kind(),
                        versions.stream()
                                .map(version -> kind.group() + "/" + version)
                                .toList());
            }
        }
    }

    /** Whole groups that are gone: what came after them. */
    private static final Map<String, Gone> GROUPS = Map.of(
            "authentication.istio.io",
            new Gone(
                    "Istio 1.6",
                    "",
                    "Write a PeerAuthentication (security.istio.io/v1) for its peers, and a RequestAuthentication for its"
                            + " origins."),
            "rbac.istio.io",
            new Gone("Istio 1.6", "", "Write an AuthorizationPolicy (security.istio.io/v1)."),
            "config.istio.io",
            new Gone("Istio 1.8", "", "Mixer is gone: write a Telemetry (telemetry.istio.io/v1), or an EnvoyFilter."),
            "networking.x-k8s.io",
            new Gone("Gateway API 0.5", "", "Write it as a resource of gateway.networking.k8s.io/v1."));

    @Override
    public List<FindingCode> codes() {
        return List.of(CODE);
    }

    @Override
    public Set<ResourceKind> inputs() {
        return Set.of(CUSTOM_RESOURCE_DEFINITION);
    }

    @Override
    public void run(Configuration configuration, Consumer<Finding> report) {
        Map<String, Resource> definitions = new HashMap<>();
        for (Resource definition : configuration.all(CUSTOM_RESOURCE_DEFINITION)) {
            Json spec = definition.spec();
            definitions.put(
                    spec.at("group").text("") + " " + spec.at("names", "kind").text(""), definition);
        }
        for (Resource document : configuration.written()) {
            String apiVersion = document.raw().at("apiVersion").text("");
            Resource definition = definitions.get(
                    document.kind().group() + " " + document.kind().kind());
            Optional<Finding> finding = definition == null
                    ? byTable(configuration, document, apiVersion)
                    : byDefinition(configuration, document, apiVersion, definition);
            finding.ifPresent(report);
        }
    }

    private static Optional<Finding> byDefinition(
            Configuration configuration, Resource document, String apiVersion, Resource definition) {
        String group = document.kind().group();
        List<String> served = new ArrayList<>();
        String written = "absent";
        for (Field version : Field.spec(definition).at("versions").items()) {
            String name = group + "/" + version.at("name").text();
            if (version.at("served").value().bool(false)) {
                served.add(name);
            }
            if (name.equals(apiVersion)) {
                written = "served: " + version.at("served").quoted();
            }
        }
        if (served.isEmpty() || served.contains(apiVersion)) {
            return Optional.empty();
        }
        return Optional.of(begin(configuration, document)
                .message("The cluster does not serve " + apiVersion + " for "
                        + document.kind().kind() + ", but " + String.join(" and ", served)
                        + ": the document cannot be applied.")
                .evidence("spec.versions[], " + apiVersion, definition.toString(), written)
                .remedy("Write apiVersion: " + served.get(served.size() - 1)
                        + " and compare the fields: kubectl explain " + definition.name())
                .build());
    }

    private static Optional<Finding> byTable(Configuration configuration, Resource document, String apiVersion) {
        String group = document.kind().group();
        String kind = document.kind().kind();
        Gone gone = GROUPS.getOrDefault(group, GONE.get(apiVersion + " " + kind));
        if (gone != null) {
            return Optional.of(begin(configuration, document)
                    .message(apiVersion + " is not served for " + kind + " any more since " + gone.since()
                            + ": the document cannot be applied.")
                    .remedy((gone.instead().isEmpty() ? "" : "Write apiVersion: " + gone.instead() + ". ")
                            + gone.advice())
                    .build());
        }
        List<String> served = ISTIO.getOrDefault(group + " " + kind, List.of());
        if (!served.isEmpty()) {
            return served.contains(apiVersion)
                    ? Optional.empty()
                    : Optional.of(begin(configuration, document)
                            .message("Istio serves " + kind + " as " + String.join(", ", served) + ", not as "
                                    + apiVersion + ": the document cannot be applied.")
                            .remedy("Write apiVersion: " + served.get(0))
                            .build());
        }
        Set<String> kinds = new TreeSet<>();
        ISTIO.keySet().stream()
                .filter(known -> known.startsWith(group + " "))
                .forEach(known -> kinds.add(known.substring(group.length() + 1)));
        if (kinds.isEmpty()) {
            return Optional.empty();
        }
        // One letter in the wrong case is the usual mistake.
        List<String> near = Stream.concat(
                        kinds.stream().filter(kind::equalsIgnoreCase), configuration.near(kind, kinds).stream())
                .distinct()
                .limit(1)
                .toList();
        return Optional.of(configuration
                .finding(CODE, document, new Field("kind", document.raw().at("kind")))
                .message("Istio has no kind " + kind + " in " + group
                        + ": the document cannot be applied, and is not judged." + ReferencedResources.didYouMean(near))
                .remedy("Write kind: " + (near.isEmpty() ? "one of " + String.join(", ", kinds) : near.get(0)))
                .build());
    }

    private static Finding.Builder begin(Configuration configuration, Resource document) {
        return configuration.finding(
                CODE, document, new Field("apiVersion", document.raw().at("apiVersion")));
    }
}
