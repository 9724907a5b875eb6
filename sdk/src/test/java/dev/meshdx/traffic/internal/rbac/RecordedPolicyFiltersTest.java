package dev.meshdx.traffic.internal.rbac;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.configuration.Configuration;
import dev.meshdx.configuration.internal.ConfigurationLoader;
import dev.meshdx.configuration.internal.LoadOptions;
import dev.meshdx.configuration.internal.PolicyTarget;
import dev.meshdx.envoy.ConfigDump;
import dev.meshdx.envoy.FilterChain;
import dev.meshdx.envoy.HttpConnectionManager;
import dev.meshdx.envoy.Listener;
import dev.meshdx.envoy.Rbac;
import dev.meshdx.model.Json;
import dev.meshdx.model.Resource;
import dev.meshdx.model.ResourceKind;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.model.Scope;
import dev.meshdx.model.internal.Pods;
import dev.meshdx.testing.Shared;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What istiod made of the policies of recorded meshes, proxy by proxy and chain by chain. */
class RecordedPolicyFiltersTest {
    /** Of the chains in a waypoint that are for a service: {@code inbound-vip|PORT|PROTOCOL|HOST}. */
    private static final String VIP = "inbound-vip|";

    private final List<String> different = new ArrayList<>();
    private int proxies;
    private int chains;
    private int filters;

    private static List<Path> files(Path root, String name) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(path -> path.endsWith(name)).sorted().toList();
        }
    }

    @Test
    void should_make_the_filters_that_recorded_proxies_hold() throws IOException {
        Path root = Shared.folder("real");
        for (Path folder : files(root, "envoy")) {
            String name = root.relativize(folder.getParent()).toString();
            Configuration configuration = new ConfigurationLoader(
                            Shared.recording(name), Scope.MESH, LoadOptions.DEFAULT)
                    .load(Set.of(
                            ResourceKind.AUTHORIZATION_POLICY,
                            ResourceKind.POD,
                            ResourceKind.SERVICE,
                            ResourceKind.NAMESPACE));
            for (Path file : files(folder, "config_dump.json")) {
                String namespace = file.getParent().getParent().getFileName().toString();
                String pod = file.getParent().getFileName().toString();
                Optional<Resource> found = configuration.find(ResourceKind.POD, namespace, pod);
                if (found.isPresent()) {
                    try (InputStream in = Files.newInputStream(file)) {
                        check(name, configuration, found.get(), ConfigDump.parse(in));
                    }
                }
            }
        }

        assertThat(different).isEmpty();
        assertThat(proxies).isGreaterThan(100);
        assertThat(chains).isGreaterThan(300);
        assertThat(filters).isGreaterThan(15);
    }

    private void check(String recording, Configuration configuration, Resource pod, ConfigDump dump) {
        proxies++;
        boolean sidecar = Pods.isProxyOfType(pod, "sidecar");
        for (Listener listener : dump.listeners().all()) {
            boolean inbound =
                    listener.trafficDirection().filter("INBOUND"::equals).isPresent();
            for (FilterChain chain : listener.allFilterChains()) {
                // A gateway's chains are those of its servers; what a waypoint hands on by itself is decided elsewhere.
                if ((sidecar && !inbound) || chain.name().endsWith("-blackhole")) {
                    continue;
                }
                PolicyTarget target = PolicyTarget.of(pod);
                if (chain.name().startsWith(VIP)) {
                    String[] host = chain.name()
                            .substring(chain.name().lastIndexOf('|') + 1)
                            .split("\\.");
                    target = target.forService(ResourceRef.of("Service", host[1], host[0]));
                }
                compare(
                        recording + " " + pod.ref() + " " + listener.name() + " " + chain.name(),
                        configuration,
                        target,
                        chain);
            }
        }
    }

    private void compare(String what, Configuration configuration, PolicyTarget target, FilterChain chain) {
        chains++;
        List<Json> tcp = chain.filters().stream()
                .flatMap(filter -> filter.rbac().stream())
                .map(Rbac::raw)
                .toList();
        List<Json> http = chain.httpConnectionManager().map(HttpConnectionManager::httpFilters).stream()
                .flatMap(List::stream)
                .flatMap(filter -> filter.rbac().stream())
                .map(Rbac::raw)
                .toList();
        filters += tcp.size() + http.size();
        List<Json> meant = (chain.isHttp()
                        ? PolicyFilters.http(configuration, target)
                        : PolicyFilters.tcp(configuration, target))
                .configs();
        List<Json> held = chain.isHttp() ? http : tcp;
        if (!Canonical.texts(held).equals(Canonical.texts(meant))) {
            different.add(what + "\n  held  " + Canonical.texts(held) + "\n  meant " + Canonical.texts(meant));
        }
    }
}
