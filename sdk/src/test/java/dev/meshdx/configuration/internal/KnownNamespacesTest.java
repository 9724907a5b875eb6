package dev.meshdx.configuration.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.Scope;
import dev.meshdx.source.internal.manifests.ManifestSource;
import dev.meshdx.testing.Shared;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What files, which are rarely the whole mesh, allow to say. */
class KnownNamespacesTest {
    private static final Set<ResourceKind> KINDS = Set.of(
            ResourceKind.NAMESPACE,
            ResourceKind.SERVICE,
            ResourceKind.SERVICE_ACCOUNT,
            ResourceKind.KUBERNETES_GATEWAY);

    private static Configuration files(String yaml) {
        return new ConfigurationLoader(
                        Shared.session(ManifestSource.of("known", yaml)), Scope.MESH, LoadOptions.DEFAULT)
                .load(KINDS);
    }

    private static String document(String kind, String metadata) {
        String api = kind.equals("Gateway") ? "gateway.networking.k8s.io/v1" : kind.equals("Job") ? "batch/v1" : "v1";
        return "apiVersion: " + api + "\nkind: " + kind + "\nmetadata: " + metadata + "\n---\n";
    }

    @Test
    void should_know_namespaces_of_which_files_hold_a_namespace_a_service_or_a_workload() {
        Configuration files = files(document("Namespace", "{name: shop}")
                + document("Service", "{name: web, namespace: news}")
                + document("Job", "{name: once}")
                + document("Gateway", "{name: web, namespace: edge}"));

        assertThat(files.fromFiles()).isTrue();
        for (String namespace : List.of("shop", "news", "default")) {
            assertThat(files.knows(ResourceKind.SERVICE, namespace))
                    .as(namespace)
                    .isTrue();
        }
        assertThat(files.knows(ResourceKind.SERVICE, "edge")).isFalse();
        assertThat(files.knows(ResourceKind.KUBERNETES_GATEWAY, "edge")).isTrue();
        assertThat(files.knows(ResourceKind.SERVICE, "elsewhere")).isFalse();
        // The ingress gateway that files are given shows nothing.
        assertThat(files.in(ResourceKind.SERVICE, "istio-system")).isNotEmpty();
        assertThat(files.knows(ResourceKind.SERVICE, "istio-system")).isFalse();
    }

    @Test
    void should_know_accounts_only_where_there_is_one() {
        Configuration files = files(
                document("Namespace", "{name: shop}") + document("ServiceAccount", "{name: web, namespace: news}"));

        assertThat(files.knows(ResourceKind.SERVICE_ACCOUNT, "shop")).isFalse();
        assertThat(files.knows(ResourceKind.SERVICE_ACCOUNT, "news")).isTrue();
    }

    @Test
    void should_know_the_mesh_only_of_an_export() {
        String platform = document("Namespace", "{name: istio-system}");

        assertThat(files(platform).knows(ResourceKind.SERVICE, "")).isFalse();
        assertThat(files(platform + document("Namespace", "{name: kube-system}"))
                        .knows(ResourceKind.SERVICE, ""))
                .isTrue();
        Configuration mesh = Configuration.builder()
                .resources(ResourceKind.SERVICE, List.of())
                .build();
        assertThat(mesh.fromFiles()).isFalse();
        assertThat(mesh.knows(ResourceKind.SERVICE, "")).isTrue();
        assertThat(mesh.knows(ResourceKind.SERVICE, "shop")).isTrue();
        assertThat(mesh.knows(ResourceKind.SERVICE_ENTRY, "shop")).isFalse();
    }
}
