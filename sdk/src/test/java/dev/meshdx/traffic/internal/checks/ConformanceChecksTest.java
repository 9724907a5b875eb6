package dev.meshdx.traffic.internal.checks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.check.Check;
import dev.meshdx.envoy.ConfigDump;
import dev.meshdx.finding.Finding;
import dev.meshdx.testing.Shared;
import dev.meshdx.traffic.Dumps;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Dumps that Istio's own code made, of which nothing is wrong. */
class ConformanceChecksTest {
    private static List<String> codes(String input) throws IOException {
        try (InputStream in = Files.newInputStream(
                Shared.folder("conformance/proxy-config/input").resolve(input + ".json"))) {
            ConfigDump dump = ConfigDump.parse(in);
            TrafficModel model = new TrafficModel(
                    List.of(Dumps.proxy(dump, dump.endpoints())), Instant.parse("2026-10-01T00:00:00Z"));
            List<Finding> findings = new ArrayList<>();
            for (Check<TrafficModel> check : TrafficChecks.all()) {
                check.run(model, findings::add);
            }
            return findings.stream().map(Finding::code).distinct().toList();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "shop-orders",
                "shop-frontend-restricted",
                "waypoint",
                "compare",
                "describe-http",
                "routes-empty-gateway",
                "routes-k8s-gateway"
            })
    void should_be_silent_about_routes_endpoints_and_secrets_of_healthy_proxies(String input) throws IOException {
        assertThat(codes(input)).doesNotContain("MDX0304", "MDX0305", "MDX0308", "MDX0309", "MDX0310");
    }

    /** The secrets of this one were put beside it, without the credentials of the gateway. */
    @ParameterizedTest
    @CsvSource({"ingress-wide, MDX0310"})
    void should_miss_credentials(String input, String code) throws IOException {
        assertThat(codes(input)).contains(code).doesNotContain("MDX0308", "MDX0309");
    }
}
