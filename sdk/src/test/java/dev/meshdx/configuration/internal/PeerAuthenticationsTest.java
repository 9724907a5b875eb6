package dev.meshdx.configuration.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.configuration.MtlsMode;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.security.TestMesh;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class PeerAuthenticationsTest {
    private static final Map<String, String> WEB = Map.of("app", "web");

    private static Resource policy(String namespace, String name, String createdAt, String spec) {
        return TestMesh.created(ResourceKind.PEER_AUTHENTICATION, namespace, name, createdAt, spec);
    }

    private static Resource policy(String namespace, String name, String spec) {
        return policy(namespace, name, "2026-01-01T00:00:00Z", spec);
    }

    private static PeerAuthentications.Decision decide(Resource... policies) {
        return new PeerAuthentications(List.of(policies), "istio-system").of("shop", WEB, 8080);
    }

    @Test
    void should_be_permissive_where_no_policy_says_anything() {
        assertThat(decide().mode()).isEqualTo(MtlsMode.PERMISSIVE);
        assertThat(decide().policy()).isNull();
        assertThat(decide(policy("shop", "empty", "{\"mtls\":{}}")).mode()).isEqualTo(MtlsMode.PERMISSIVE);
    }

    @Test
    void should_let_the_nearest_level_decide() {
        Resource mesh = policy("istio-system", "default", "{\"mtls\":{\"mode\":\"STRICT\"}}");
        Resource namespace = policy("shop", "default", "{\"mtls\":{\"mode\":\"DISABLE\"}}");
        Resource workload = policy(
                "shop",
                "web",
                "{\"selector\":{\"matchLabels\":{\"app\":\"web\"}},\"mtls\":{\"mode\":\"PERMISSIVE\"},"
                        + "\"portLevelMtls\":{\"8080\":{\"mode\":\"STRICT\"},\"9090\":{\"mode\":\"UNSET\"}}}");

        assertThat(decide(mesh).mode()).isEqualTo(MtlsMode.STRICT);
        assertThat(decide(mesh, namespace).mode()).isEqualTo(MtlsMode.DISABLE);
        PeerAuthentications.Decision port = decide(mesh, namespace, workload);
        assertThat(port.mode()).isEqualTo(MtlsMode.STRICT);
        assertThat(port.field()).isEqualTo("spec.portLevelMtls[8080].mode");
        assertThat(Objects.requireNonNull(port.policy()).ref())
                .isEqualTo(ResourceRef.of("PeerAuthentication", "shop", "web"));
        PeerAuthentications all = new PeerAuthentications(List.of(mesh, namespace, workload), "istio-system");
        assertThat(all.of("shop", WEB, 9090).mode()).isEqualTo(MtlsMode.PERMISSIVE);
        assertThat(all.of("shop", Map.of("app", "db"), 8080).mode()).isEqualTo(MtlsMode.DISABLE);
        assertThat(all.of("other", WEB, 8080).mode()).isEqualTo(MtlsMode.STRICT);
    }

    @Test
    void should_inherit_where_a_level_is_unset() {
        assertThat(decide(
                                policy("istio-system", "default", "{\"mtls\":{\"mode\":\"STRICT\"}}"),
                                policy("shop", "default", "{\"mtls\":{\"mode\":\"UNSET\"}}"),
                                policy("shop", "web", "{\"selector\":{\"matchLabels\":{\"app\":\"web\"}}}"))
                        .mode())
                .isEqualTo(MtlsMode.STRICT);
    }

    @Test
    void should_take_the_oldest_of_several_on_one_level() {
        Resource newer = policy("shop", "a", "2026-02-01T00:00:00Z", "{\"mtls\":{\"mode\":\"STRICT\"}}");
        Resource older = policy("shop", "b", "2026-01-01T00:00:00Z", "{\"mtls\":{\"mode\":\"DISABLE\"}}");

        assertThat(decide(newer, older).mode()).isEqualTo(MtlsMode.DISABLE);
    }

    @Test
    void should_ignore_selectors_in_the_root_namespace_and_ports_without_selector() {
        Resource root = policy(
                "istio-system",
                "web",
                "{\"selector\":{\"matchLabels\":{\"app\":\"web\"}},\"mtls\":{\"mode\":\"STRICT\"}}");
        Resource ports = policy(
                "shop",
                "default",
                "{\"mtls\":{\"mode\":\"DISABLE\"},\"portLevelMtls\":{\"8080\":{\"mode\":\"STRICT\"}}}");

        assertThat(decide(root, ports).mode()).isEqualTo(MtlsMode.DISABLE);
    }
}
