package dev.meshdx.testkit.bench;

import java.util.ArrayList;
import java.util.List;

/**
 * Manifests of a mesh of any size: for each service a Service, Pod, Deployment, ServiceAccount, DestinationRule,
 * VirtualService, AuthorizationPolicy, PeerAuthentication, ServiceEntry and Telemetry, in forty namespaces that grow with it.
 * One service in ten has a route to a host that does not exist: one mistake in a hundred resources.
 */
final class Manifests {
    private static final int NAMESPACES = 40;

    private Manifests() {}

    /** The documents. */
    static List<String> documents(int resources) {
        List<String> documents = new ArrayList<>(resources + 10);
        for (int i = 0; i < NAMESPACES; i++) {
            documents.add("""
                    apiVersion: v1
                    kind: Namespace
                    metadata:
                      name: team-%d
                      labels:
                        istio-injection: enabled
                    """.formatted(i));
        }
        for (int i = 0; documents.size() < resources; i++) {
            String caller = "service-" + Math.max(i % NAMESPACES, i - NAMESPACES);
            String target = i % 10 == 7 ? "gone-" + i : "service-" + i;
            for (String document :
                    OF_A_SERVICE.formatted(i, i % NAMESPACES, caller, target).split("(?m)^---\n")) {
                documents.add(document);
            }
        }
        return documents.subList(0, resources);
    }

    /** All of them in one text. */
    static String text(int resources) {
        return String.join("---\n", documents(resources));
    }

    private static final String OF_A_SERVICE = """
            apiVersion: v1
            kind: Service
            metadata:
              name: service-%1$d
              namespace: team-%2$d
              labels:
                app: service-%1$d
            spec:
              selector:
                app: service-%1$d
              ports:
              - name: http
                port: 8080
                targetPort: 8080
            ---
            apiVersion: v1
            kind: ServiceAccount
            metadata:
              name: service-%1$d
              namespace: team-%2$d
            ---
            apiVersion: v1
            kind: Pod
            metadata:
              name: service-%1$d-0
              namespace: team-%2$d
              labels:
                app: service-%1$d
                version: v1
            spec:
              serviceAccountName: service-%1$d
              containers:
              - name: app
                image: app:1
                ports:
                - containerPort: 8080
              - name: istio-proxy
                image: proxyv2:1.27.0
            ---
            apiVersion: apps/v1
            kind: Deployment
            metadata:
              name: service-%1$d
              namespace: team-%2$d
            spec:
              selector:
                matchLabels:
                  app: service-%1$d
              template:
                metadata:
                  labels:
                    app: service-%1$d
                    version: v1
                spec:
                  serviceAccountName: service-%1$d
                  containers:
                  - name: app
                    image: app:1
                    ports:
                    - containerPort: 8080
                    env:
                    - name: NEXT
                      value: http://%3$s.team-%2$d:8080/
            ---
            apiVersion: networking.istio.io/v1
            kind: DestinationRule
            metadata:
              name: service-%1$d
              namespace: team-%2$d
            spec:
              host: service-%1$d.team-%2$d.svc.cluster.local
              trafficPolicy:
                loadBalancer:
                  simple: LEAST_REQUEST
              subsets:
              - name: v1
                labels:
                  version: v1
            ---
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata:
              name: service-%1$d
              namespace: team-%2$d
            spec:
              hosts:
              - service-%1$d.team-%2$d.svc.cluster.local
              http:
              - match:
                - uri:
                    prefix: /api/v1
                timeout: 5s
                retries:
                  attempts: 2
                  perTryTimeout: 2s
                route:
                - destination:
                    host: %4$s.team-%2$d.svc.cluster.local
                    port:
                      number: 8080
              - route:
                - destination:
                    host: service-%1$d.team-%2$d.svc.cluster.local
                    subset: v1
            ---
            apiVersion: security.istio.io/v1
            kind: AuthorizationPolicy
            metadata:
              name: service-%1$d
              namespace: team-%2$d
            spec:
              selector:
                matchLabels:
                  app: service-%1$d
              rules:
              - from:
                - source:
                    principals:
                    - cluster.local/ns/team-%2$d/sa/%3$s
                to:
                - operation:
                    methods:
                    - GET
                    paths:
                    - /api/*
            ---
            apiVersion: security.istio.io/v1
            kind: PeerAuthentication
            metadata:
              name: service-%1$d
              namespace: team-%2$d
            spec:
              selector:
                matchLabels:
                  app: service-%1$d
              mtls:
                mode: STRICT
            ---
            apiVersion: networking.istio.io/v1
            kind: ServiceEntry
            metadata:
              name: external-%1$d
              namespace: team-%2$d
            spec:
              hosts:
              - api-%1$d.example.com
              location: MESH_EXTERNAL
              resolution: DNS
              ports:
              - number: 443
                name: https
                protocol: HTTPS
            ---
            apiVersion: telemetry.istio.io/v1
            kind: Telemetry
            metadata:
              name: service-%1$d
              namespace: team-%2$d
            spec:
              selector:
                matchLabels:
                  app: service-%1$d
              accessLogging:
              - providers:
                - name: envoy
            """;
}
