package dev.meshdx.health.internal;

import dev.meshdx.finding.Finding;
import dev.meshdx.health.ControlPlaneHealth;
import dev.meshdx.model.Json;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.Scope;
import dev.meshdx.model.internal.Yaml;
import dev.meshdx.security.TestCertificates;
import dev.meshdx.source.Session;
import dev.meshdx.source.internal.recorded.RecordedSource;
import dev.meshdx.testing.Shared;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A recording of a control plane in which everything works, and changes of it. */
final class ControlPlaneFixture {
    static final TestCertificates.Authority ROOT = TestCertificates.Authority.root("cluster.local");
    static final TestCertificates.Authority OTHER = TestCertificates.Authority.root("other");

    /** The time at which it is judged. */
    static final String NOW = "2026-06-01T12:00:00Z";

    private final Map<String, List<Json>> resources = new LinkedHashMap<>();
    private final Map<String, String> metrics = new LinkedHashMap<>();
    private final Map<String, String> mesh = new LinkedHashMap<>();
    private final Map<String, String> versions = new LinkedHashMap<>();

    /** Two istiods of the default revision. */
    static ControlPlaneFixture healthy() {
        ControlPlaneFixture fixture = new ControlPlaneFixture();
        fixture.istiod("istiod-1", "default");
        fixture.istiod("istiod-2", "default");
        fixture.add("deployments.apps", """
                metadata: {name: istiod, namespace: istio-system}
                spec:
                  replicas: 2
                  selector: {matchLabels: {app: istiod}}
                  template: {metadata: {labels: {app: istiod, istio.io/rev: default}}}
                """);
        fixture.add("services.core", """
                metadata: {name: istiod, namespace: istio-system}
                spec: {selector: {app: istiod}, ports: [{name: https-webhook, port: 443, targetPort: 15017}]}
                """);
        fixture.add("endpointslices.discovery.k8s.io", """
                metadata: {name: istiod-x, namespace: istio-system, labels: {kubernetes.io/service-name: istiod}}
                endpoints: [{addresses: [10.0.0.1], conditions: {ready: true}}]
                """);
        fixture.add("configmaps.core", """
                metadata: {name: istio, namespace: istio-system}
                data:
                  mesh: |
                    accessLogFile: /dev/stdout
                    connectTimeout: 10s
                    enableTracing: false
                    defaultConfig: {drainDuration: 1m}
                    trustDomain: cluster.local
                """);
        fixture.addJson(
                "configmaps.core",
                Json.object(
                        "metadata", Json.object("name", "istio-ca-root-cert", "namespace", "istio-system"),
                        "data", Json.object("root-cert.pem", ROOT.pem())));
        fixture.lock("istio-leader", "istiod-1", "2026-06-01T11:59:50Z");
        fixture.lock("istio-namespace-controller-election", "istiod-1", "2026-06-01T11:59:50Z");
        fixture.injector("istio-sidecar-injector", "default", "", "istiod", ROOT);
        fixture.webhooks(
                "validatingwebhookconfigurations.admissionregistration.k8s.io",
                "istio-validator",
                "default",
                "",
                "istiod",
                TestCertificates.base64(ROOT.pem()),
                "rev.validation.istio.io",
                "{}");
        for (ResourceKind kind : ResourceKind.known()) {
            if (kind.group().endsWith("istio.io")) {
                fixture.add(
                        "customresourcedefinitions.apiextensions.k8s.io",
                        "metadata: {name: " + kind.qualifiedPlural()
                                + "}\nspec: {versions: [{name: v1, served: true}]}\n"
                                + "status: {conditions: [{type: Established, status: 'True'}]}\n");
            }
        }
        return fixture;
    }

    ControlPlaneFixture istiod(String name, String revision) {
        add("pods.core", """
                metadata:
                  name: NAME
                  namespace: istio-system
                  creationTimestamp: 2026-05-20T12:00:00Z
                  labels: {app: istiod, istio.io/rev: REVISION}
                spec:
                  containers:
                  - name: discovery
                    image: docker.io/istio/pilot:1.30.0
                    readinessProbe: {httpGet: {path: /ready, port: 8080}}
                    resources: {limits: {memory: 1Gi, cpu: '2'}}
                status:
                  phase: Running
                  conditions: [{type: Ready, status: 'True'}]
                  containerStatuses: [{name: discovery, ready: true, restartCount: 0, state: {running: {}}}]
                """.replace("NAME", name).replace("REVISION", revision));
        metrics.put(name, """
                istiod_uptime_seconds 360000
                process_cpu_seconds_total 36000
                process_resident_memory_bytes 2e+08
                go_memstats_heap_inuse_bytes 1.2e+08
                pilot_xds{version="1.30.0"} 40
                pilot_xds_pushes{type="cds"} 4000
                citadel_server_success_cert_issuance_count 40
                citadel_server_root_cert_expiry_timestamp 2.1e+09
                """);
        mesh.put(
                name,
                "{\"accessLogFile\":\"/dev/stdout\",\"connectTimeout\":\"10s\",\"trustDomain\":\"cluster.local\","
                        + "\"defaultConfig\":{\"drainDuration\":\"60s\",\"statusPort\":15020}}");
        versions.put(name, "1.30.0-abc-Clean");
        return this;
    }

    ControlPlaneFixture lock(String name, String holder, String renewed) {
        return addJson(
                "configmaps.core",
                Json.object(
                        "metadata",
                        Json.object(
                                "name",
                                name,
                                "namespace",
                                "istio-system",
                                "annotations",
                                Json.object(
                                        "control-plane.alpha.kubernetes.io/leader",
                                        "{\"holderIdentity\":\"" + holder + "\",\"holderKey\":\"default\","
                                                + "\"leaseDurationSeconds\":30,\"renewTime\":\"" + renewed + "\"}"))));
    }

    ControlPlaneFixture injector(
            String name, String revision, String tag, String service, TestCertificates.Authority authority) {
        return webhooks(
                "mutatingwebhookconfigurations.admissionregistration.k8s.io",
                name,
                revision,
                tag,
                service,
                TestCertificates.base64(authority.pem()),
                "rev.namespace.sidecar-injector.istio.io",
                "{matchLabels: {istio.io/rev: " + (tag.isEmpty() ? revision : tag) + "}}");
    }

    ControlPlaneFixture webhooks(
            String kind,
            String name,
            String revision,
            String tag,
            String service,
            String bundle,
            String webhook,
            String selector) {
        return add(kind, """
                metadata: {name: NAME, labels: {istio.io/rev: 'REVISION'TAG}}
                webhooks:
                - name: WEBHOOK
                  failurePolicy: Fail
                  namespaceSelector: SELECTOR
                  clientConfig: {caBundle: BUNDLE, service: {name: SERVICE, namespace: istio-system, port: 443}}
                """.replace("NAME", name)
                .replace("REVISION", revision)
                .replace("TAG", tag.isEmpty() ? "" : ", istio.io/tag: " + tag)
                .replace("WEBHOOK", webhook)
                .replace("SELECTOR", selector)
                .replace("BUNDLE", bundle.isEmpty() ? "''" : bundle)
                .replace("SERVICE", service));
    }

    ControlPlaneFixture add(String file, String yaml) {
        return addJson(file, Yaml.read(yaml));
    }

    private ControlPlaneFixture addJson(String file, Json resource) {
        resources.computeIfAbsent(file, key -> new ArrayList<>()).add(resource);
        return this;
    }

    /** Without the resources of a kind with this name. */
    ControlPlaneFixture without(String file, String name) {
        resources
                .getOrDefault(file, new ArrayList<>())
                .removeIf(resource -> resource.at("metadata", "name").text("").equals(name));
        return this;
    }

    /** Replaces a text in the resources of a kind. */
    ControlPlaneFixture change(String file, String from, String to) {
        List<Json> all = resources.getOrDefault(file, List.of());
        List<Json> changed = new ArrayList<>();
        boolean found = false;
        for (Json one : all) {
            found |= one.toString().contains(from);
            changed.add(Json.parse(one.toString().replace(from, to)));
        }
        if (!found) {
            throw new AssertionError(from + " is not in " + all);
        }
        resources.put(file, changed);
        return this;
    }

    ControlPlaneFixture metrics(String pod, String more) {
        metrics.merge(pod, more, String::concat);
        return this;
    }

    ControlPlaneFixture mesh(String pod, String json) {
        mesh.put(pod, json);
        return this;
    }

    ControlPlaneFixture version(String pod, String version) {
        versions.put(pod, version);
        return this;
    }

    Session open(Path folder) throws IOException {
        Path root = Files.createTempDirectory(folder, "recording");
        Path api = Files.createDirectories(root.resolve("api"));
        for (Map.Entry<String, List<Json>> entry : resources.entrySet()) {
            Files.writeString(
                    api.resolve(entry.getKey() + ".json"),
                    Json.object("items", Json.array(entry.getValue())).toString());
        }
        for (String pod : metrics.keySet()) {
            Path pages = Files.createDirectories(root.resolve("istiod").resolve(pod));
            Files.writeString(pages.resolve("metrics.txt"), metrics.getOrDefault(pod, ""));
            Files.writeString(pages.resolve("mesh.json"), mesh.getOrDefault(pod, "{}"));
            Files.writeString(pages.resolve("version"), versions.getOrDefault(pod, ""));
            Files.writeString(pages.resolve("syncz.json"), "[]");
        }
        Files.writeString(root.resolve("scenario.json"), "{\"recordedAt\":\"" + NOW + "\"}");
        return Shared.session(RecordedSource.open(root));
    }

    ControlPlaneHealth health(Path folder) throws IOException {
        return ControlPlaneReader.read(open(folder));
    }

    /** {@code CODE SEVERITY SUBJECT} of the findings about the whole control plane. */
    List<String> found(Path folder) throws IOException {
        return found(health(folder).findings().stream());
    }

    /** The same, as the health step of a diagnosis reports them. */
    List<String> diagnosed(Path folder) throws IOException {
        return found(HealthStep.run(open(folder), Scope.MESH).findings().stream());
    }

    private static List<String> found(Stream<Finding> findings) {
        return findings.map(finding -> finding.code() + " " + finding.severity().name() + " "
                        + finding.subject().name())
                .toList();
    }
}
