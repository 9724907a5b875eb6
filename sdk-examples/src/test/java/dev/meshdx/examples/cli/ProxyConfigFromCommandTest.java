package dev.meshdx.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.model.Json;
import dev.meshdx.testkit.Scenario;
import org.junit.jupiter.api.Test;

class ProxyConfigFromCommandTest {
    private static final String WEB = Scenario.PATH_CASE.pod();

    @Test
    void should_show_what_a_rule_turned_into() {
        Run run = Run.meshdx("proxy-config", "from", "dr/reviews", WEB, "--demo", "healthy", "--format", "json");

        assertThat(run.exit()).as(run.err()).isZero();
        Json result = run.json().at("result");
        assertThat(run.json().at("command").text("")).isEqualTo("proxy-config");
        assertThat(result.at("resource", "name").text("")).isEqualTo("reviews");
        assertThat(result.at("empty").bool(true)).isFalse();
        assertThat(result.at("objects").items())
                .anyMatch(object -> object.at("type").text("").equals("CLUSTER")
                        && object.at("link").text("").equals("METADATA")
                        && object.at("state").text("").equals("ACTIVE"));
        assertThat(result.at("reasons").size()).isZero();
    }

    @Test
    void should_say_why_there_is_nothing() {
        Run run = Run.meshdx("proxy-config", "from", "service/nowhere", WEB, "--demo", "healthy");

        assertThat(run.exit()).isEqualTo(3);
        assertThat(run.err()).contains("no Service nowhere in namespace production");
        assertThat(Run.meshdx("proxy-config", "from", "service/revews", WEB, "--demo", "healthy")
                        .err())
                .contains("Did you mean reviews?");
    }

    @Test
    void should_refuse_what_is_no_resource() {
        assertThat(Run.meshdx("proxy-config", "from", "reviews", WEB, "--demo", "healthy"))
                .satisfies(run -> {
                    assertThat(run.exit()).isEqualTo(2);
                    assertThat(run.err()).contains("is no KIND/NAME");
                });
        assertThat(Run.meshdx("proxy-config", "from", "thing/reviews", WEB, "--demo", "healthy"))
                .satisfies(run -> {
                    assertThat(run.exit()).isEqualTo(2);
                    assertThat(run.err()).contains("no kind that meshdx knows");
                });
    }
}
