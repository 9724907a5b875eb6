package dev.meshdx.changes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.meshdx.envoy.admin.LogLevels;
import dev.meshdx.envoy.admin.LogLevels.Level;
import dev.meshdx.error.MeshNotFoundException;
import dev.meshdx.model.ResourceRef;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is asked for, and the requests that it takes. */
class LevelRequestTest {
    private static final ResourceRef POD = ResourceRef.of("Pod", "production", "web");

    private static LogLevels levels(String lines) throws IOException {
        return LogLevels.parse(
                new ByteArrayInputStream(("active loggers:\n" + lines).getBytes(StandardCharsets.UTF_8)));
    }

    private static LogLevels usual() throws IOException {
        return levels("  http: warning\n  rbac: warning\n  misc: error\n");
    }

    @Test
    void should_read_levels_as_istioctl_takes_them() throws IOException {
        assertThat(LevelRequest.parse("Debug").of(POD, usual()))
                .isEqualTo(Map.of("http", Level.DEBUG, "rbac", Level.DEBUG, "misc", Level.DEBUG));
        assertThat(LevelRequest.parse(" rbac : warn ").of(POD, usual())).isEqualTo(Map.of("rbac", Level.WARNING));
        assertThat(LevelRequest.parse("off,rbac:trace").of(POD, usual()))
                .isEqualTo(Map.of("http", Level.OFF, "rbac", Level.TRACE, "misc", Level.OFF));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''                | is no log level. Levels: trace, debug",
                "loud              | is no log level. Levels: trace, debug",
                "tarce             | Did you mean trace?",
                "rbac:             | is no log level",
                ":debug            | names no logger before a colon",
                "debug,info        | gives two levels",
                "rbac:debug,rbac:info | names the logger rbac twice",
                "rbac=debug        | is no log level",
                "debug&http=trace  | is no log level",
            })
    void should_refuse_what_is_no_level(String text, String why) {
        assertThatThrownBy(() -> LevelRequest.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(why);
    }

    @Test
    void should_know_the_loggers() throws IOException {
        LogLevels usual = usual();
        assertThatThrownBy(() -> LevelRequest.parse("rbca:debug").of(POD, usual))
                .isInstanceOfSatisfying(
                        MeshNotFoundException.class, e -> assertThat(e.remedy()).isEqualTo("Did you mean rbac?"));
        assertThatThrownBy(() -> LevelRequest.parse("xdsproxy:debug").of(POD, usual))
                .isInstanceOfSatisfying(
                        MeshNotFoundException.class,
                        e -> assertThat(e.remedy()).contains("sidecar.istio.io/agentLogLevel"));
        assertThatThrownBy(() -> new LevelRequest(null, Map.of())).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void should_take_as_few_requests_as_possible() throws IOException {
        Map<String, Level> two = new LinkedHashMap<>();
        two.put("http", Level.DEBUG);
        two.put("rbac", Level.TRACE);
        assertThat(LevelPlan.best(two, usual())).containsExactly("paths=http:debug,rbac:trace");
        assertThat(LevelPlan.stepwise(two, usual())).containsExactly("http=debug", "rbac=trace");
        assertThat(LevelPlan.best(Map.of("rbac", Level.TRACE), usual())).containsExactly("rbac=trace");
        assertThat(LevelPlan.best(LevelRequest.parse("info").of(POD, usual()), usual()))
                .containsExactly("level=info");
        assertThat(LevelPlan.commands(POD, usual().all(), usual()))
                .containsExactly(
                        "kubectl exec -n production web -c istio-proxy -- pilot-agent request POST"
                                + " 'logging?level=warning'",
                        "kubectl exec -n production web -c istio-proxy -- pilot-agent request POST"
                                + " 'logging?misc=error'");
    }

    @Test
    void should_name_files_one_by_one_and_let_no_name_be_a_parameter() throws IOException {
        LogLevels files = levels("  source/a_b.cc: info\n  odd&level=trace'%.h: info\n  c: info\n");
        Map<String, Level> two = new LinkedHashMap<>();
        two.put("source/a_b.cc", Level.DEBUG);
        two.put("odd&level=trace'%.h", Level.DEBUG);
        assertThat(LevelPlan.best(two, files))
                .containsExactly("source/a_b.cc=debug", "odd%26level%3Dtrace%27%25.h=debug");
    }
}
