package dev.meshdx.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.Mesh;
import dev.meshdx.testkit.FakeMesh;
import dev.meshdx.testkit.Scenario;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RootCaCompareCommandTest {
    private static final String WEB = Scenario.HEALTHY.pod();
    private static final String NO_SECRETS = "{\"configs\": [{\"@type\": \"x.SecretsConfigDump\"}]}";

    /** A root for tests, "O=meshdx.test". */
    private static final String OTHER_ROOT = """
            -----BEGIN CERTIFICATE-----
            MIIBgTCCASegAwIBAgIUD/bU3qhMRoEwD7JYqKBGez1fdZQwCgYIKoZIzj0EAwIw
            FjEUMBIGA1UECgwLbWVzaGR4LnRlc3QwHhcNMjYxMTIyMjE0MjExWhcNMzYxMTE5
            MjE0MjExWjAWMRQwEgYDVQQKDAttZXNoZHgudGVzdDBZMBMGByqGSM49AgEGCCqG
            SM49AwEHA0IABO1xbxt3iZtuGuJ4MfiGjEDTi4eZwO4lsMsUux3vcm6c+imEo5n1
            pb3NxR+1sSZgmITzZu2I01qnTy7m1D8SjKOjUzBRMB0GA1UdDgQWBBRMMcj8oQTX
            SPjHo0ovp9RHB3uNlDAfBgNVHSMEGDAWgBRMMcj8oQTXSPjHo0ovp9RHB3uNlDAP
            BgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIQCEQ439kgmbVZBMxC1v
            7HAx480D1YTB+Pt3xBChYHwseAIgHUmgL6ULI+2tk7TXteNy2Y4A/pCPwPsbZeYD
            cJ/bgBA=
            -----END CERTIFICATE-----
            """;

    @TempDir
    Path folder;

    private String file(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text).toString();
    }

    private static String dump(String root) {
        return "{\"configs\": [{\"@type\": \"x.SecretsConfigDump\", \"dynamic_active_secrets\": [{\"name\": \"ROOTCA\","
                + " \"secret\": {\"validation_context\": {\"trusted_ca\": {\"inline_bytes\": \"" + root + "\"}}}}]}]}";
    }

    /** The root of a demo mesh. */
    private static String root() {
        try (FakeMesh fake = FakeMesh.start(Scenario.HEALTHY);
                Mesh mesh = Mesh.connect(fake.options())) {
            return mesh.namespace("production")
                    .pod(WEB)
                    .envoy()
                    .secrets()
                    .named("ROOTCA")
                    .first()
                    .orElseThrow()
                    .raw()
                    .at("validation_context", "trusted_ca", "inline_bytes")
                    .text("");
        }
    }

    @Test
    void should_compare_two_pods() {
        Run run = Run.meshdx("proxy-config", "rootca-compare", WEB, WEB, "--demo", "healthy");

        assertThat(run.exit()).isZero();
        assertThat(run.out())
                .contains("SAME: ")
                .contains("trust the same root.")
                .contains("both");
        assertThat(run.out()).contains(WEB + ".production");
    }

    @Test
    void should_compare_two_dumps_and_exit_with_one_if_no_root_is_common() throws IOException {
        String one = root();
        String other = Base64.getEncoder().encodeToString(OTHER_ROOT.getBytes(StandardCharsets.US_ASCII));
        String web = file("web.json", dump(one));
        Run same = Run.with(
                dump(one),
                Terminal.NONE,
                "proxy-config",
                "rootca-compare",
                "--config-dump",
                web,
                "--config-dump",
                "-",
                "--format",
                "json");
        assertThat(same.exit()).isZero();
        assertThat(same.json().at("result", "verdict").text("")).isEqualTo("SAME");
        assertThat(same.json().at("result", "roots").items()).singleElement().satisfies(root -> {
            assertThat(root.at("sha256").text("")).hasSize(64);
            assertThat(root.at("inSecond").bool(false)).isTrue();
        });

        List<String> args = List.of(
                "proxy-config", "rootca-compare", "--config-dump", web, "--config-dump", file("api.json", dump(other)));
        Run different = Run.meshdx(args.toArray(String[]::new));
        assertThat(different.exit()).isEqualTo(1);
        assertThat(different.out())
                .contains("DIFFERENT: web.json and api.json have no root in common")
                .contains("They refuse each other's");
    }

    @Test
    void should_say_that_it_cannot_tell() throws IOException {
        Run run = Run.meshdx(
                "proxy-config",
                "rootca-compare",
                "--config-dump",
                file("a.json", NO_SECRETS),
                "--config-dump",
                file("b.json", NO_SECRETS));

        assertThat(run.exit()).isEqualTo(3);
        assertThat(run.out()).contains("UNKNOWN: The roots of a.json are not known: it holds no secret ROOTCA.");
    }

    @Test
    void should_want_two_pods_or_two_files() {
        for (List<String> args : List.of(
                List.of("web"),
                List.of("--config-dump", "web.json"),
                List.of("web", "--config-dump", "a.json", "--config-dump", "b.json"),
                List.of("--config-dump", "-", "--config-dump", "-"))) {
            List<String> all = new ArrayList<>(List.of("proxy-config", "rootca-compare"));
            all.addAll(args);
            Run run = Run.meshdx(all.toArray(String[]::new));
            assertThat(run.exit()).as("%s", args).isEqualTo(2);
            assertThat(run.err()).contains("--config-dump");
        }
        assertThat(Run.meshdx("proxy-config"))
                .satisfies(run -> assertThat(run.exit()).isEqualTo(2))
                .satisfies(run -> assertThat(run.err()).contains("Missing required parameter: 'SECTION'"));
    }
}
