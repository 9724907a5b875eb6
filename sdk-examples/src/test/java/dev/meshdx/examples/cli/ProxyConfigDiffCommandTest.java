package dev.meshdx.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.Mesh;
import dev.meshdx.health.ProxyStatus;
import dev.meshdx.model.Json;
import dev.meshdx.testkit.FakeMesh;
import dev.meshdx.testkit.Scenario;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProxyConfigDiffCommandTest {
    @TempDir
    private Path folder;

    private String file(String name, String clusters) throws IOException {
        String json = "{'configs':[{'@type':'type.googleapis.com/envoy.admin.v3.ClustersConfigDump',"
                + "'dynamic_active_clusters':[" + clusters + "]}]}";
        return Files.writeString(folder.resolve(name), json.replace('\'', '"')).toString();
    }

    private static List<String> pods(Scenario scenario) {
        try (FakeMesh fake = FakeMesh.start(scenario);
                Mesh mesh = Mesh.connect(fake.options())) {
            return mesh.namespace("production").proxyStatus().stream()
                    .map(ProxyStatus::pod)
                    .filter(pod -> pod.startsWith("web-"))
                    .toList();
        }
    }

    @Test
    void should_compare_two_files() throws IOException {
        String before = file("a.json", "{'cluster':{'name':'a','connect_timeout':'1s'}},{'cluster':{'name':'b'}}");
        String after = file("b.json", "{'cluster':{'name':'a','connect_timeout':'2s'}}");

        Run run = Run.meshdx("proxy-config", "diff", "--before", before, "--after", after);
        assertThat(run.exit()).isEqualTo(1);
        assertThat(run.out()).startsWith("""
                before and after differ in 2 clusters

                clusters
                  a
                    connect_timeout: 1s -> 2s
                  b: only before (ACTIVE)
                """);

        Run same = Run.meshdx("proxy-config", "diff", "--before", before, "--after", before);
        assertThat(same.exit()).isZero();
        assertThat(same.out()).startsWith("no difference between before and after in clusters");

        Run patch = Run.meshdx("proxy-config", "diff", "--patch", "--before", before, "--after", after);
        assertThat(patch.out()).startsWith("""
                --- before
                +++ after
                @@ clusters a @@
                -connect_timeout: 1s
                +connect_timeout: 2s
                """);

        Json json = Run.meshdx("proxy-config", "diff", "--format", "json", "--before", before, "--after", after)
                .json();
        assertThat(json.at("command").text("")).isEqualTo("proxy-config diff");
        assertThat(json.at("result", "rows").at(0).names())
                .containsExactly("section", "name", "what", "path", "before", "after");
        assertThat(json.at("result", "rows").at(1).at("what").text("")).isEqualTo("ONLY_BEFORE");
    }

    @Test
    void should_compare_two_replicas() {
        List<String> web = pods(Scenario.HEALTHY);

        Run alike = Run.meshdx(
                "proxy-config", "diff", web.get(0), web.get(1), "--alike", "-n", "production", "--demo", "healthy");
        assertThat(alike.exit()).isZero();
        assertThat(alike.out()).startsWith("no difference between " + web.get(0) + " and " + web.get(1));

        Run run = Run.meshdx("proxy-config", "diff", web.get(0), web.get(1), "-n", "production", "--demo", "healthy");
        assertThat(run.exit()).isEqualTo(1);
        assertThat(run.out()).contains("node.id: ");
    }

    @Test
    void should_refuse_what_is_no_pair() throws IOException {
        String before = file("a.json", "");

        assertThat(Run.meshdx("proxy-config", "diff", "web-1").exit()).isEqualTo(2);
        assertThat(Run.meshdx("proxy-config", "diff", "--before", before).exit())
                .isEqualTo(2);
        assertThat(Run.meshdx("proxy-config", "diff", "--before", "-", "--after", "-")
                        .exit())
                .isEqualTo(2);
        assertThat(Run.meshdx("proxy-status", "--diff", "--demo", "healthy").exit())
                .isEqualTo(2);
        assertThat(Run.meshdx("proxy-config").exit()).isEqualTo(2);
        assertThat(Run.meshdx("proxy-config", "-n", "production", "diff", "a", "b", "--demo")
                        .err())
                .contains("options stand behind diff");
    }

    @Test
    void should_say_when_nothing_could_be_compared() throws IOException {
        String before = file("a.json", "");
        String after =
                Files.writeString(folder.resolve("b.json"), "{\"configs\":[]}").toString();

        Run run = Run.meshdx("proxy-config", "diff", "--before", before, "--after", after);

        assertThat(run.exit()).isEqualTo(3);
        assertThat(run.out()).contains("could not be compared");
    }

    @Test
    void should_show_what_istiod_would_send() {
        String web = pods(Scenario.STALE_PROXY).get(0);

        Run run = Run.meshdx("proxy-status", web, "-n", "production", "--demo", "stale-proxy", "--diff");
        assertThat(run.exit()).isEqualTo(1);
        assertThat(run.out()).contains("STALE", "istiod and proxy differ in 2 routes", "routes[to-v2]: only istiod: {");

        Json json = Run.meshdx(
                        "proxy-status", web, "-n", "production", "--demo", "stale-proxy", "--diff", "--format", "json")
                .json();
        assertThat(json.at("result").names()).containsExactly("proxies", "diff");
        assertThat(json.at("result", "diff", "rows").size()).isPositive();

        Run healthy = Run.meshdx(
                "proxy-status", pods(Scenario.HEALTHY).get(0), "-n", "production", "--demo", "healthy", "--diff");
        assertThat(healthy.exit()).isZero();
        assertThat(healthy.out()).contains("no difference between istiod and proxy in clusters, listeners, routes");
    }
}
