package dev.meshdx.configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.meshdx.configuration.internal.DescriptionReader;
import dev.meshdx.error.MeshNotFoundException;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.source.Session;
import dev.meshdx.source.internal.manifests.ManifestSource;
import dev.meshdx.testing.Shared;
import java.util.List;
import org.junit.jupiter.api.Test;

class DescriptionTest {
    private static final String MESH = """
            apiVersion: v1
            kind: Service
            metadata: {name: reviews, namespace: production}
            spec:
              selector: {app: reviews}
              ports: [{port: 9080, name: http, targetPort: web}, {port: 9090, name: metrics}, {port: 3306, name: db}]
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: reviews-1, namespace: production, labels: {app: reviews, version: v1}}
            spec:
              serviceAccountName: reviews
              containers:
                - {name: reviews, ports: [{containerPort: 8080, name: web}, {containerPort: 9090}]}
                - {name: istio-proxy, image: proxyv2, args: [proxy, sidecar]}
            status: {phase: Running, conditions: [{type: Ready, status: "True"}]}
            ---
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: newer, namespace: production, creationTimestamp: "2026-02-01T00:00:00Z"}
            spec: {hosts: [reviews], http: [{route: [{destination: {host: reviews}}]}]}
            ---
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: older, namespace: production, creationTimestamp: "2026-01-01T00:00:00Z"}
            spec:
              hosts: [reviews.production.svc.cluster.local]
              http:
                - match: [{uri: {prefix: /v1}, ignoreUriCase: true, headers: {who: {exact: me}}}]
                  route: [{destination: {host: reviews, subset: v1}}]
            ---
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: outside, namespace: edge}
            spec:
              hosts: [shop.example.com]
              gateways: [shop, missing]
              http: [{route: [{destination: {host: reviews.production.svc.cluster.local}}]}]
            ---
            apiVersion: networking.istio.io/v1
            kind: Gateway
            metadata: {name: shop, namespace: edge}
            spec:
              selector: {istio: ingressgateway}
              servers: [{port: {number: 80, protocol: HTTP, name: http}, hosts: [shop.example.com]}]
            ---
            apiVersion: networking.istio.io/v1
            kind: DestinationRule
            metadata: {name: reviews, namespace: production}
            spec: {host: reviews, subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]}
            ---
            apiVersion: networking.istio.io/v1
            kind: DestinationRule
            metadata: {name: for-edge, namespace: edge}
            spec: {host: reviews.production.svc.cluster.local, trafficPolicy: {tls: {mode: DISABLE}}}
            ---
            apiVersion: networking.istio.io/v1
            kind: DestinationRule
            metadata: {name: everything, namespace: istio-system}
            spec: {host: "*.local", trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}
            ---
            apiVersion: security.istio.io/v1
            kind: PeerAuthentication
            metadata: {name: mesh, namespace: istio-system}
            spec: {mtls: {mode: STRICT}}
            ---
            apiVersion: security.istio.io/v1
            kind: PeerAuthentication
            metadata: {name: ignored, namespace: istio-system}
            spec: {selector: {matchLabels: {app: reviews}}, mtls: {mode: DISABLE}}
            ---
            apiVersion: security.istio.io/v1
            kind: PeerAuthentication
            metadata: {name: reviews, namespace: production}
            spec: {selector: {matchLabels: {app: reviews}}, portLevelMtls: {9090: {mode: PERMISSIVE}}}
            ---
            apiVersion: security.istio.io/v1
            kind: AuthorizationPolicy
            metadata: {name: allow, namespace: production}
            spec: {rules: [{}]}
            ---
            apiVersion: security.istio.io/v1
            kind: AuthorizationPolicy
            metadata: {name: deny, namespace: istio-system}
            spec: {action: DENY, selector: {matchLabels: {app: reviews}}, rules: [{}, {}]}
            ---
            apiVersion: security.istio.io/v1
            kind: AuthorizationPolicy
            metadata: {name: other, namespace: production}
            spec: {action: DENY, selector: {matchLabels: {app: other}}, rules: [{}]}
            ---
            apiVersion: security.istio.io/v1
            kind: AuthorizationPolicy
            metadata: {name: attached, namespace: production, annotations: {istio.io/dry-run: "true"}}
            spec: {targetRefs: [{kind: Service, name: reviews}], rules: [{}]}
            ---
            apiVersion: networking.istio.io/v1
            kind: Sidecar
            metadata: {name: default, namespace: edge}
            spec: {egress: [{hosts: ["./*"]}]}
            """;

    private static Session session() {
        return Shared.session(ManifestSource.of("mesh", MESH));
    }

    private static List<String> lines(List<Applied> applied) {
        return applied.stream()
                .map(one -> one.ref().name() + (one.inForce() ? ": " : " not in force: ") + one.effect() + " | "
                        + one.because())
                .toList();
    }

    @Test
    void should_describe_a_service() {
        Description reviews = DescriptionReader.service(session(), "production", "reviews");

        assertThat(reviews.facts())
                .containsEntry("host", "reviews.production.svc.cluster.local")
                .containsEntry("ports", "9080→web HTTP, 9090 AUTO, 3306 TCP")
                .containsEntry("pods", "1 (1 ready) with app=reviews")
                .containsEntry("subsets", "v1: 1 of 1 pods, v2: 0 of 1 pods")
                .containsEntry("mTLS", "STRICT, but {9090=PERMISSIVE}");
        assertThat(lines(reviews.applied(Aspect.ROUTES)))
                .containsExactly(
                        "older: path begins with /v1 in any case, header who is me → reviews subset v1"
                                + " | hosts reviews.production.svc.cluster.local, for clients in production",
                        "newer not in force: everything → reviews | VirtualService production/older comes first");
        assertThat(lines(reviews.applied(Aspect.CLIENTS)))
                .containsExactly(
                        "reviews: subsets v1, v2 | for clients in production",
                        "for-edge: TLS DISABLE | for clients in edge",
                        "everything not in force: TLS ISTIO_MUTUAL | a more specific or nearer rule comes first");
        assertThat(lines(reviews.applied(Aspect.REACHED_BY)))
                .containsExactly(
                        "outside: hosts shop.example.com at Gateway shop | spec.http[0]",
                        "shop: HTTP 80 [shop.example.com] | named by VirtualService edge/outside",
                        "outside not in force: hosts shop.example.com at Gateway missing | spec.http[0]");
    }

    @Test
    void should_put_policies_in_the_order_in_which_they_count() {
        Description pod = DescriptionReader.pod(session(), "production", "reviews-1");

        assertThat(pod.facts())
                .containsEntry("data plane", "sidecar, revision default")
                .containsEntry("service account", "reviews");
        assertThat(lines(pod.applied(Aspect.MTLS)))
                .containsExactly(
                        "reviews: inherits, ports {9090=PERMISSIVE} | selector app=reviews",
                        "ignored not in force: DISABLE | a selector in the root namespace is ignored",
                        "mesh: STRICT | whole mesh");
        assertThat(lines(pod.applied(Aspect.AUTHORIZATION)))
                .containsExactly(
                        "deny: DENY 2 rules | selector app=reviews in the root namespace",
                        "allow: ALLOW 1 rule | whole namespace",
                        "attached not in force: ALLOW 1 rule | attached to Service reviews, dry run");
        assertThat(pod.applied(ResourceKind.SERVICE)).hasSize(1);
        assertThat(pod.inForce())
                .doesNotContainAnyElementsOf(pod.applied(Aspect.MTLS).subList(1, 2));
    }

    @Test
    void should_describe_a_host_as_a_namespace_sees_it() {
        Description near = DescriptionReader.host(session(), "production", "reviews:9080");
        Description hidden = DescriptionReader.host(session(), "edge", "reviews.production:9081");
        Description unknown = DescriptionReader.host(session(), "edge", "api.example.com");

        assertThat(near.subject()).isEqualTo("host reviews.production.svc.cluster.local:9080");
        assertThat(lines(near.applied(Aspect.REACHED_BY))).containsExactly("reviews: 9080→web HTTP | it has the host");
        assertThat(near.applied(Aspect.CLIENTS))
                .extracting(applied -> applied.ref().name())
                .containsExactly("reviews");
        assertThat(hidden.facts().get("ports")).startsWith("none with number 9081, but 9080");
        assertThat(lines(hidden.applied(Aspect.REACHED_BY)))
                .containsExactly("reviews not in force: no ports | the Sidecar does not import it");
        assertThat(lines(hidden.applied(Aspect.VISIBILITY))).containsExactly("default: imports ./* | whole namespace");
        assertThat(unknown.facts().get("known")).contains("ALLOW_ANY");
    }

    @Test
    void should_suggest_names() {
        assertThatThrownBy(() -> DescriptionReader.service(session(), "production", "review"))
                .isInstanceOf(MeshNotFoundException.class)
                .extracting(failure -> ((MeshNotFoundException) failure).remedy())
                .isEqualTo("Did you mean reviews?");
    }

    @Test
    void should_be_readable_in_a_shell() {
        Description pod = DescriptionReader.pod(session(), "production", "reviews-1");

        assertThat(pod.toString()).hasSizeLessThan(900).startsWith("Pod production/reviews-1\n");
        assertThat(pod.table()).contains("ASPECT", "AuthorizationPolicy istio-system/deny", "(not in force)");
    }
}
