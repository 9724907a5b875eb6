package dev.meshdx.configuration.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.configuration.AuthorizationPolicy;
import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.MeshConfig;
import dev.meshdx.configuration.internal.AuthorizationPolicies.Candidate;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.security.TestMesh;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AuthorizationPoliciesTest {
    private static final String WEB = "{\"selector\":{\"matchLabels\":{\"app\":\"web\"}}}";
    private static final Map<String, String> GATEWAY =
            Map.of("app", "web", "gateway.networking.k8s.io/gateway-name", "edge");
    private static final ResourceRef CART = ResourceRef.of("Service", "shop", "cart");

    private static Resource policy(String namespace, String name, String createdAt, String spec) {
        return TestMesh.created(ResourceKind.AUTHORIZATION_POLICY, namespace, name, createdAt, spec);
    }

    private static Resource policy(String namespace, String name, String spec) {
        return policy(namespace, name, "2026-01-01T00:00:00Z", spec);
    }

    private static Resource attached(String namespace, String name, String group, String kind, String target) {
        return policy(
                namespace,
                name,
                "{\"targetRefs\":[{\"group\":\"%s\",\"kind\":\"%s\",\"name\":\"%s\"}]}".formatted(group, kind, target));
    }

    private static List<String> of(PolicyTarget target, Resource... policies) {
        Configuration configuration = Configuration.builder()
                .resources(ResourceKind.AUTHORIZATION_POLICY, List.of(policies))
                .mesh(MeshConfig.of(Json.MISSING, "istio-system"), "istio-system")
                .build();
        return AuthorizationPolicies.of(configuration).candidates(target).stream()
                .filter(Candidate::applies)
                .map(Candidate::policy)
                .map(AuthorizationPolicy::name)
                .toList();
    }

    @Test
    void should_take_the_root_namespace_first_and_the_oldest_first() {
        assertThat(of(
                        PolicyTarget.proxy("shop", Map.of("app", "web")),
                        policy("shop", "newer", "2026-02-01T00:00:00Z", WEB),
                        policy("shop", "older", "{}"),
                        policy("istio-system", "mesh", "2026-03-01T00:00:00Z", "{}"),
                        policy("istio-system", "mesh-web", "2026-04-01T00:00:00Z", WEB),
                        policy("news", "elsewhere", "{}"),
                        policy("shop", "db", "{\"selector\":{\"matchLabels\":{\"app\":\"db\"}}}")))
                .containsExactly("mesh", "mesh-web", "older", "newer");
    }

    @Test
    void should_give_sidecars_no_policy_with_targets() {
        assertThat(of(
                        PolicyTarget.proxy("shop", Map.of("app", "web")),
                        attached("shop", "service", "", "Service", "cart"),
                        attached("shop", "gateway", "gateway.networking.k8s.io", "Gateway", "edge")))
                .isEmpty();
    }

    @Test
    void should_give_gateways_what_names_them_and_what_selects_them() {
        assertThat(of(
                        PolicyTarget.proxy("shop", GATEWAY),
                        policy("shop", "selected", WEB),
                        attached("shop", "named", "gateway.networking.k8s.io", "Gateway", "edge"),
                        attached("shop", "other", "gateway.networking.k8s.io", "Gateway", "other"),
                        attached("istio-system", "far", "gateway.networking.k8s.io", "Gateway", "edge"),
                        attached("shop", "service", "", "Service", "cart")))
                .containsExactly("named", "selected");
    }

    @Test
    void should_give_waypoints_only_what_is_attached() {
        Resource[] policies = {
            policy("shop", "selected", WEB),
            policy("shop", "namespace", "{}"),
            attached("shop", "gateway", "gateway.networking.k8s.io", "Gateway", "edge"),
            attached("shop", "cart", "", "Service", "cart"),
            attached("shop", "cart-core", "core", "Service", "cart"),
            attached("shop", "api", "networking.istio.io", "ServiceEntry", "api"),
            attached("news", "elsewhere", "", "Service", "cart"),
            attached("istio-system", "class", "gateway.networking.k8s.io", "GatewayClass", "istio-waypoint"),
            attached("shop", "class-here", "gateway.networking.k8s.io", "GatewayClass", "istio-waypoint")
        };
        PolicyTarget waypoint = PolicyTarget.waypoint("shop", GATEWAY);

        assertThat(of(waypoint, policies)).containsExactly("class", "gateway");
        assertThat(of(waypoint.forService(CART), policies)).containsExactly("class", "cart", "cart-core", "gateway");
        assertThat(of(waypoint.forService(ResourceRef.of("ServiceEntry", "shop", "api")), policies))
                .containsExactly("class", "api", "gateway");
        assertThat(of(waypoint.forService(ResourceRef.of("Service", "news", "cart")), policies))
                .containsExactly("class", "gateway", "elsewhere");
    }
}
