package dev.meshdx.testkit;

/** A small mesh for the tests. */
final class Meshes {
    static final String YAML = """
            apiVersion: v1
            kind: Namespace
            metadata: {name: production, labels: {istio-injection: enabled}}
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: web, namespace: production, labels: {app: web, tier: front}}
            spec:
              nodeName: node-1
              containers: [{name: web, image: web:1}, {name: istio-proxy, image: proxyv2}]
              initContainers: [{name: istio-init, image: proxyv2}]
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: db, namespace: production, labels: {app: db}}
            spec: {nodeName: node-2, containers: [{name: db, image: db:1}]}
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: late, namespace: staging, labels: {app: late}}
            spec: {nodeName: node-2, containers: [{name: late, image: late:1}]}
            status: {phase: Failed, reason: Evicted}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: web, namespace: production}
            spec: {selector: {app: web}, ports: [{port: 80}]}
            ---
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: web, namespace: production}
            spec: {hosts: [web], http: [{route: [{destination: {host: web}}]}]}
            ---
            apiVersion: v1
            kind: Event
            metadata: {name: web.1, namespace: production}
            involvedObject: {kind: Pod, name: web, namespace: production}
            reason: Unhealthy
            message: "Readiness probe failed"
            type: Warning
            """;

    private Meshes() {}

    static FakeMesh small() {
        return FakeMesh.fromYaml(YAML)
                .page("production", "web", 15000, "/ready", "LIVE\n")
                .log("production", "db", "db", "2026-01-01T10:00:00Z one\n2026-01-01T10:00:01Z two\nthree\n")
                .log("production", "web", "istio-proxy", "proxy starts\n");
    }
}
