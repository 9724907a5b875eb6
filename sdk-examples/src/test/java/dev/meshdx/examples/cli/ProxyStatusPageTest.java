package dev.meshdx.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.Mesh;
import dev.meshdx.health.ProxyStatus;
import dev.meshdx.health.ProxyStatuses;
import dev.meshdx.testkit.FakeMesh;
import dev.meshdx.testkit.Scenario;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands of the page about proxy status print what the page shows. */
class ProxyStatusPageTest {
    private static final Path PAGE = Path.of("../docs/proxy-status.md");

    @Test
    void should_print_what_the_page_shows(@TempDir Path folder) throws IOException {
        // A second behind: else what was sent "8 minutes ago" may be a tenth of a second short of it.
        Clock behind = Clock.offset(Clock.systemUTC(), Duration.ofSeconds(-1));
        try (FakeMesh cluster = Scenario.STALE_PROXY.builder().clock(behind).start()) {
            assertThat(ConsolePage.run(PAGE, cluster, folder)).isEqualTo(3);
        }
    }

    @Test
    void should_print_what_the_page_shows_where_no_istiod_can_be_asked(@TempDir Path folder) throws IOException {
        try (FakeMesh cluster = FakeMesh.start(Scenario.STALE_PROXY)) {
            Path kubeconfig = cluster.writeKubeconfig(folder.resolve("kubeconfig"));
            cluster.deny("create", "pods/portforward").deny("get", "pods/portforward");
            Run run = Run.meshdx("proxy-status", "--kubeconfig=" + kubeconfig);

            String page = Files.readString(PAGE);
            int begin = page.indexOf("```text\n") + "```text\n".length();
            assertThat(run.out()).startsWith(page.substring(begin, page.indexOf("```", begin)));
            assertThat(run.out()).contains("FORBIDDEN");
        }
    }

    /** The fixed fields stay where a state is known; a proxy of which only the pod tells has none. */
    @Test
    void should_mark_in_json_what_only_the_pods_tell(@TempDir Path folder) throws IOException {
        try (FakeMesh cluster = FakeMesh.start(Scenario.STALE_PROXY)) {
            Path kubeconfig = cluster.writeKubeconfig(folder.resolve("kubeconfig"));
            cluster.deny("create", "pods/portforward").deny("get", "pods/portforward");
            Run run = Run.meshdx("proxy-status", "-A", "--format", "json", "--kubeconfig=" + kubeconfig);

            assertThat(run.out()).contains("\"seenFrom\": \"PODS\"", "\"seenFrom\": \"POD\"", "\"types\": { }");
        }
    }

    @Test
    void should_answer_in_java() {
        try (FakeMesh cluster = FakeMesh.start(Scenario.STALE_PROXY);
                Mesh mesh = cluster.connect()) {
            // #region java
            ProxyStatuses statuses = mesh.proxyStatus(); // or namespace.proxyStatus(), pod.proxyStatus()
            for (ProxyStatus proxy : statuses.notSynced()) {
                proxy.types()
                        .forEach((type, status) -> System.out.println(
                                proxy.pod() + " " + type + " " + status.state() + " since " + status.since()));
            }
            statuses.notConnected().forEach(System.out::println); // what no list of istiod's shows
            // #endregion
            assertThat(statuses.notSynced()).hasSize(2);
            assertThat(statuses.notConnected()).isEmpty();
        }
    }
}
