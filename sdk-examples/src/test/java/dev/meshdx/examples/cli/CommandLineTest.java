package dev.meshdx.examples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.model.Json;
import dev.meshdx.testkit.FakeMesh;
import dev.meshdx.testkit.Scenario;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The command line as people and programs meet it: standard output, error output, exit code. */
class CommandLineTest {
    private static final String WEB = Scenario.PATH_CASE.pod();

    private static final String MISSING_SUBSET = """
            apiVersion: networking.istio.io/v1
            kind: VirtualService
            metadata: {name: reviews}
            spec:
              hosts: [reviews]
              http:
              - route: [{destination: {host: reviews, subset: v9}}]
            """;

    @TempDir
    private Path folder;

    private String file(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text).toString();
    }

    private static List<String> names(Json object) {
        return object.names();
    }

    @Test
    void should_diagnose_for_people() {
        Run run = Run.meshdx("diagnose", "--demo");

        assertThat(run.exit()).isEqualTo(1);
        assertThat(run.err()).isEmpty();
        assertThat(run.out())
                .startsWith("Broken: ")
                .contains("MDX0301  VirtualService production/reviews")
                .contains("Next:")
                .doesNotContain("\u001B");
        assertThat(run.out().lines())
                .allSatisfy(line -> assertThat(line.length()).isLessThan(200));
    }

    @Test
    void should_diagnose_for_programs() {
        Run run = Run.meshdx("diagnose", WEB, "-n", "production", "--demo", "path-case", "--format", "json");

        assertThat(run.exit()).isEqualTo(1);
        Json document = run.json();
        assertThat(names(document))
                .containsExactly("schema", "command", "source", "at", "result", "findings", "inconclusive");
        assertThat(document.at("schema").text("")).isEqualTo("meshdx/v1");
        assertThat(document.at("command").text("")).isEqualTo("diagnose");
        assertThat(document.at("result", "verdict").text("")).contains("upper and lower case");
        assertThat(document.at("result", "steps").items())
                .extracting(step -> step.at("step").text(""))
                .containsExactly("health", "configuration", "traffic", "logs", "security");
        assertThat(document.at("result", "steps").items())
                .allSatisfy(step -> assertThat(names(step)).contains("step", "status", "summary", "millis"));
        Json finding = document.at("findings").at(0);
        assertThat(names(finding))
                .containsExactly("code", "severity", "subject", "message", "evidence", "remedy", "documentation");
        assertThat(finding.at("code").text("")).isEqualTo("MDX0301");
        assertThat(finding.at("severity").text("")).isEqualTo("error");
        assertThat(names(finding.at("subject"))).containsExactly("kind", "namespace", "name");
        assertThat(names(finding.at("evidence").at(0))).containsExactly("what", "where", "value");
    }

    @Test
    void should_stay_silent_about_a_healthy_mesh() {
        Run run = Run.meshdx("diagnose", "--demo", "healthy", "--strict", "--fail-on", "info");

        assertThat(run.exit()).isZero();
        assertThat(run.out()).startsWith("Nothing is wrong with the mesh.");
    }

    @Test
    void should_diagnose_a_service() {
        assertThat(Run.meshdx("diagnose", "--service", "payments", "-n", "payments", "--demo", "healthy")
                        .exit())
                .isZero();
        assertThat(Run.meshdx("diagnose", "--service", "revews", "--demo"))
                .satisfies(run -> assertThat(run.exit()).isEqualTo(3))
                .satisfies(run -> assertThat(run.err()).contains("Did you mean reviews?"));
    }

    @Test
    void should_describe_services_pods_and_hosts() {
        Run service = Run.meshdx("describe", "service", "reviews", "-n", "production", "--demo", "missing-subset");
        assertThat(service.exit()).isZero();
        assertThat(service.out())
                .startsWith("Service production/reviews")
                .contains("9080 HTTP", "subsets ", "VirtualService production/reviews");
        Json pod = Run.meshdx("describe", "pod", WEB + ".production", "--demo", "healthy", "--format", "json")
                .json();
        assertThat(pod.at("command").text("")).isEqualTo("describe");
        assertThat(pod.at("result", "subject").text("")).isEqualTo("Pod production/" + WEB);
        assertThat(pod.at("result", "facts", "data plane").text("")).startsWith("sidecar");
        assertThat(pod.at("result", "applied").items())
                .extracting(applied -> applied.at("kind").text(""))
                .contains("Service");
        assertThat(Run.meshdx("describe", "host", "nowhere.example.com:443", "--demo", "healthy")
                        .out())
                .startsWith("host nowhere.example.com:443")
                .contains("ALLOW_ANY");
        assertThat(Run.meshdx("describe", "service", "revews", "-n", "production", "--demo", "healthy"))
                .satisfies(run -> assertThat(run.exit()).isEqualTo(3))
                .satisfies(run -> assertThat(run.err()).contains("Did you mean reviews?"));
        assertThat(Run.meshdx("describe", "planet", "x", "--demo").exit()).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource({"error,1", "never,0"})
    void should_exit_as_asked(String failOn, int exit) {
        assertThat(Run.meshdx("diagnose", "--demo", "--fail-on", failOn).exit()).isEqualTo(exit);
    }

    @Test
    void should_say_how_the_control_plane_is() {
        Json result = Run.meshdx("control-plane", "--demo", "healthy", "--format", "json")
                .json()
                .at("result");

        assertThat(names(result.at("instances").at(0)))
                .contains("pod", "revision", "version", "ready", "restarts", "memory");
        assertThat(result.at("instances").at(0).at("memory", "usedBytes").number(0))
                .isPositive();
        assertThat(Run.meshdx("control-plane", "--demo", "istiod-down").exit()).isEqualTo(1);
        assertThat(Run.meshdx("control-plane", "--demo", "--revision", "canary"))
                .isEqualTo(new Run(
                        3,
                        "",
                        "meshdx: Nothing here has the revision canary.\n        The revisions: default.\n"
                                .replace("\n", System.lineSeparator())));
    }

    @Test
    void should_say_which_proxies_are_in_sync() {
        Run run = Run.meshdx("proxy-status", "--demo", "stale-proxy", "--format", "json");

        Json proxies = run.json().at("result", "proxies");
        assertThat(proxies.items()).hasSizeGreaterThan(5).allSatisfy(proxy -> {
            assertThat(names(proxy)).contains("namespace", "pod", "cluster", "istiod", "revision", "version", "types");
            assertThat(names(proxy.at("types"))).contains("cds", "lds", "eds", "rds", "ecds");
        });
        assertThat(proxies.items())
                .extracting(proxy -> proxy.at("types", "rds", "state").text(""))
                .contains("STALE", "SYNCED");
        assertThat(Run.meshdx("proxy-status", WEB, "-n", "production", "--demo").out())
                .contains(WEB + ".production")
                .doesNotContain("payments");
    }

    @Test
    void should_analyze_manifests() throws IOException {
        Run run = Run.meshdx("analyze", file("web.yaml", MISSING_SUBSET), "--format", "json");

        assertThat(run.exit()).isEqualTo(1);
        Json document = run.json();
        assertThat(document.at("result", "resources").number(0)).isEqualTo(1);
        assertThat(names(document.at("result", "checks").at(0))).contains("code", "ran");
        Json finding = document.at("findings").at(0);
        assertThat(names(finding.at("subject"))).containsExactly("kind", "name");
        assertThat(finding.at("location", "line").number(0)).isEqualTo(7);
        assertThat(finding.at("location", "file").text("")).endsWith("web.yaml");
    }

    @Test
    void should_read_manifests_from_standard_input() {
        Run run = Run.with(MISSING_SUBSET, Terminal.NONE, "analyze", "-f", "-", "-n", "production");

        assertThat(run.exit()).isEqualTo(1);
        assertThat(run.out()).contains("standard input:7").contains("namespace production can see");
    }

    @Test
    void should_say_what_would_be_if_manifests_were_applied() throws IOException {
        String change = file("change.yaml", MISSING_SUBSET);

        assertThat(Run.meshdx("analyze", "--demo", "healthy").exit()).isZero();
        Run run = Run.meshdx("analyze", "--demo", "healthy", "-f", change);
        assertThat(run.exit()).isEqualTo(1);
        // The DestinationRule is the mesh's, the route the file's.
        assertThat(run.out().replaceAll("\\s+", " "))
                .contains("DestinationRule production/reviews defines v1, v2")
                .contains("change.yaml:7");
        assertThat(Run.with(MISSING_SUBSET, Terminal.NONE, "analyze", "--demo", "healthy", "-f", "-")
                        .out())
                .contains("standard input:7");
    }

    @Test
    void should_list_and_choose_and_suppress_checks() throws IOException {
        String change = file("change.yaml", MISSING_SUBSET);

        assertThat(Run.meshdx("analyze", "--list").out()).contains("IST0101").contains("IST0113");
        assertThat(Run.meshdx("analyze", "--list", "--format", "json")
                        .json()
                        .at("result", "codes")
                        .items())
                .isNotEmpty();
        assertThat(Run.meshdx("analyze", "-f", change, "--only", "IST0102").exit())
                .isZero();
        assertThat(Run.meshdx("analyze", "-f", change, "--suppress", "IST0101=VirtualService reviews*")
                        .exit())
                .isZero();
        assertThat(Run.meshdx("analyze", "-f", change, "--suppress", "IST0101").exit())
                .isEqualTo(2);
        assertThat(Run.meshdx("analyze", "-f", change, "--only", "IST9999").err())
                .contains("there is no check for IST9999");
    }

    @Test
    void should_not_call_rubbish_a_clean_bill() throws IOException {
        Run broken = Run.meshdx("analyze", "-f", file("broken.yaml", "kind: Pod\n  bad: ["));
        assertThat(broken.exit()).isEqualTo(3);
        assertThat(broken.out()).contains("MALFORMED").contains("line");
        assertThat(broken.err()).contains("there is no resource in");

        Path binary = Files.write(folder.resolve("binary.yaml"), new byte[] {(byte) 0xff, (byte) 0xfe, 0, 1});
        assertThat(Run.meshdx("analyze", "-f", binary.toString()).exit()).isEqualTo(3);
        assertThat(Run.meshdx("proxy-config", "clusters", "--config-dump", binary.toString()))
                .satisfies(run -> assertThat(run.exit()).isEqualTo(3))
                .satisfies(run -> assertThat(run.err()).contains("binary.yaml").contains("not valid JSON"));
        assertThat(Run.meshdx("certificates", "--certs", binary.toString()).exit())
                .isEqualTo(3);
        assertThat(Run.meshdx("logs", "--file", binary.toString()).exit()).isZero();
        assertThat(Run.meshdx("diagnose", "--snapshot", binary.toString()).exit())
                .isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"clusters", "listeners", "routes", "endpoints", "secrets", "bootstrap", "extensions"})
    void should_show_what_a_proxy_received(String section) {
        Run run = Run.meshdx("proxy-config", section, WEB, "--demo", "healthy", "--format", "json");

        assertThat(run.exit()).isZero();
        Map<String, List<String>> columns = Map.of(
                "clusters", List.of("serviceFqdn", "port", "subset", "direction", "type", "destinationRule", "state"),
                "listeners", List.of("addresses", "port", "match", "destination", "state"),
                "routes", List.of("name", "vhostName", "domains", "match", "virtualService", "state"),
                "endpoints", List.of("endpoint", "status", "outlierCheck", "cluster"),
                "secrets", List.of("resourceName", "type", "status", "validCert", "serialNumber", "state"),
                "bootstrap", List.of("istioVersion", "istioProxyVersion", "envoyVersion"),
                "extensions", List.of());
        Json rows = run.json().at("result", "rows");
        assertThat(rows.isArray()).isTrue();
        rows.items().forEach(row -> assertThat(names(row)).containsAll(columns.get(section)));
        assertThat(rows.items().isEmpty()).isEqualTo(section.equals("extensions"));
    }

    @Test
    void should_filter_exactly_and_help_where_nothing_matches() {
        assertThat(Run.meshdx(
                                "proxy-config",
                                "clusters",
                                WEB,
                                "--demo",
                                "--fqdn",
                                "reviews.production",
                                "--port",
                                "9080",
                                "--subset",
                                "v1",
                                "--direction",
                                "outbound",
                                "--format",
                                "json")
                        .json()
                        .at("result", "rows")
                        .items())
                .hasSize(1);
        assertThat(Run.meshdx("proxy-config", "clusters", WEB, "--demo", "--fqdn", "revews.production")
                        .out())
                .contains("no clusters")
                .contains("reviews.production");
        assertThat(Run.meshdx("proxy-config", "routes", WEB, "--demo", "--fqdn", "reviews"))
                .satisfies(run -> assertThat(run.exit()).isEqualTo(2))
                .satisfies(run -> assertThat(run.err()).contains("--fqdn does not filter routes"));
    }

    @Test
    void should_read_config_dumps_and_cluster_lists_from_files_and_standard_input() throws IOException {
        String dump = """
                {"configs": [{"@type": "type.googleapis.com/envoy.admin.v3.ClustersConfigDump",
                  "dynamic_active_clusters": [{"cluster": {"name": "outbound|80||web.default.svc.cluster.local",
                    "type": "EDS"}}]}]}""";
        String clusters = """
                {"cluster_statuses": [{"name": "outbound|80||web.default.svc.cluster.local", "host_statuses": [
                  {"address": {"socket_address": {"address": "10.0.0.1", "port_value": 80}},
                   "health_status": {"eds_health_status": "HEALTHY"}}]}]}""";

        for (Run run : List.of(
                Run.meshdx("proxy-config", "clusters", "--config-dump", file("dump.json", dump)),
                Run.with(dump, Terminal.NONE, "proxy-config", "clusters", "--config-dump", "-"))) {
            assertThat(run.exit()).isZero();
            assertThat(run.out()).contains("web.default.svc.cluster.local");
        }
        assertThat(Run.meshdx(
                                "proxy-config",
                                "endpoints",
                                "--config-dump",
                                file("clusters.json", clusters),
                                "--format",
                                "json")
                        .json()
                        .at("result", "rows")
                        .at(0)
                        .at("endpoint")
                        .text(""))
                .isEqualTo("10.0.0.1:80");
        assertThat(Run.meshdx("proxy-config", "clusters", WEB, "--config-dump", "-")
                        .exit())
                .isEqualTo(2);
    }

    @Test
    void should_show_what_a_proxy_refuses_and_which_version() throws IOException {
        String dump = file("refused.json", """
                {"configs": [{"@type": "type.googleapis.com/envoy.admin.v3.ListenersConfigDump", "dynamic_listeners": [
                  {"name": "a", "active_state": {"version_info": "v1", "listener": {"name": "a", "filter_chains": [{}]}}},
                  {"name": "b", "error_state": {"failed_configuration": {"name": "b", "filter_chains": [{}]},
                    "details": "no such filter\\nexample", "version_info": "v2"}},
                  {"name": "c", "warming_state": {"listener": {"name": "c", "filter_chains": [{}]}}}]}]}""");

        String text =
                Run.meshdx("proxy-config", "listeners", "--config-dump", dump).out();
        assertThat(text).contains("REJECTED  no such filter").contains("(version v2 refused)");
        assertThat(text.lines()).hasSize(6).last().asString().isEqualTo("Of 3 rows 1 REJECTED, 1 WARMING.");

        Json rows = Run.meshdx("proxy-config", "listeners", "--config-dump", dump, "--format", "json")
                .json()
                .at("result", "rows");
        assertThat(rows.at(1).at("rejectedVersion").text("")).isEqualTo("v2");
        assertThat(rows.at(1).at("error").text("")).isEqualTo("no such filter\nexample");
        assertThat(names(rows.at(0))).doesNotContain("rejectedVersion");
    }

    @Test
    void should_print_all_sections_as_one_json_document() throws IOException {
        String dump = file("some.json", """
                {"configs": [{"@type": "type.googleapis.com/envoy.admin.v3.ClustersConfigDump",
                  "static_clusters": [{"cluster": {"name": "a"}}, {"cluster": {"name": "b"}}]}]}""");

        Run all = Run.meshdx("proxy-config", "all", "--config-dump", dump, "-o", "json");

        assertThat(all.json().names())
                .containsExactly("clusters", "listeners", "routes", "endpoints", "secrets", "bootstrap", "extensions");
        assertThat(all.json().at("clusters").items()).hasSize(2);
        assertThat(all.err()).contains("no section with bootstrap");
        Run bootstrap = Run.meshdx("proxy-config", "bootstrap", "--config-dump", dump, "--raw", "--strict");
        assertThat(bootstrap.json().exists()).isFalse();
        assertThat(bootstrap.exit()).isEqualTo(4);
    }

    @Test
    void should_trace_one_request_and_many() throws IOException {
        Run one = Run.meshdx("trace", WEB, "http://reviews:9080/api/v1/reviews/7", "--demo", "--format", "json");
        assertThat(one.exit()).isZero();
        assertThat(one.json().at("result", "kind").text("")).isEqualTo("noRoute");
        assertThat(names(one.json().at("result", "nearMisses").at(0)))
                .containsExactly("what", "where", "because", "reason", "resource");
        assertThat(one.json().at("result", "steps").items()).isNotEmpty();

        String requests = file("requests.json", """
                [{"method": "GET", "url": "http://reviews:9080/api/v1/Reviews/7"},
                 {"method": "GET", "url": "http://payments.payments:8080/"}]""");
        assertThat(Run.meshdx("trace", WEB, "--requests", requests, "--demo", "--format", "json")
                        .json()
                        .at("result", "traces")
                        .items())
                .extracting(trace -> trace.at("kind").text(""))
                .containsExactly("route", "route");
        assertThat(Run.meshdx("trace", WEB, "--requests", file("no.json", "{}"), "--demo")
                        .err())
                .contains("not a JSON array of requests");
    }

    @Test
    void should_read_logs_of_pods_and_files() throws IOException {
        Run run = Run.meshdx("logs", WEB, "--demo", "--format", "json");
        assertThat(run.exit()).isZero();
        Json result = run.json().at("result");
        assertThat(names(result)).contains("lines", "patterns", "access");
        assertThat(names(result.at("access")))
                .contains("entries", "byFlag", "byCode", "byRoute", "slowest", "byCluster", "byPeer", "failures");
        assertThat(names(result.at("patterns").at(0)))
                .contains("id", "count", "first", "last", "example", "meaning", "remedy");

        String line = "[2026-01-02T03:04:05.000Z] \"GET /x HTTP/1.1\" 503 UH no_healthy_upstream - \"-\" 0 19 0 - \"-\""
                + " \"curl\" \"id\" \"web\" \"-\" outbound|80||web.default.svc.cluster.local - 10.0.0.1:80 10.0.0.2:1 - default\n";
        assertThat(Run.meshdx("logs", "--file", file("proxy.log", line)).out()).contains("1 of 1 request failed");
        assertThat(Run.with(line, Terminal.NONE, "logs", "--file", "-").exit()).isZero();
    }

    @Test
    void should_show_both_sides_of_mutual_tls() {
        Run run = Run.meshdx(
                "mtls", "--from", WEB, "--to", "payments.payments:8080", "--demo", "mtls-conflict", "--format", "json");

        assertThat(run.exit()).isEqualTo(1);
        Json row = run.json().at("result", "rows").at(0);
        assertThat(names(row)).contains("service", "port", "serverMode", "clientMode", "verdict", "because");
        assertThat(row.at("verdict").text("")).isEqualTo("CONFLICT");
        assertThat(Run.meshdx("mtls", "--to", "payment:80", "--demo").exit()).isEqualTo(3);
    }

    @Test
    void should_judge_certificates_at_a_given_time() {
        Run run = Run.meshdx("certificates", "-n", "production", "--demo", "healthy", "--format", "json");
        assertThat(run.exit()).isZero();
        assertThat(names(run.json().at("result", "chains").at(0)))
                .contains(
                        "name", "identity", "notBefore", "notAfter", "daysLeft", "issuer", "root", "valid", "problems");
        assertThat(Run.meshdx("certificates", "-n", "production", "--demo", "healthy", "--now", "2099-01-01T00:00:00Z")
                        .exit())
                .isEqualTo(1);
    }

    @Test
    void should_explain_codes() {
        assertThat(Run.meshdx("explain", "ist0101").out())
                .startsWith("# IST0101 ")
                .contains("## What to do");
        assertThat(Run.meshdx("explain", "--list").out()).contains("IST0101").contains("MDX0301");
        assertThat(Run.meshdx("explain", "IST9999").exit()).isEqualTo(2);
        assertThat(Run.meshdx("explain", "../../x").exit()).isEqualTo(2);
        assertThat(Run.meshdx("explain").exit()).isEqualTo(2);
    }

    @Test
    void should_suggest_names_that_were_probably_meant() {
        List<List<String>> commands = List.of(
                List.of("diagnose", "web"),
                List.of("proxy-config", "clusters", "web"),
                List.of("trace", "web", "http://reviews:9080/"),
                List.of("authz", "web", "http://reviews:9080/"),
                List.of("logs", "web"),
                List.of("certificates", "web"),
                List.of("proxy-status", "web"),
                List.of("mtls", "--from", "web"));
        for (List<String> command : commands) {
            List<String> args = new ArrayList<>(command);
            args.addAll(List.of("--demo", "path-case", "-n", "production"));
            Run run = Run.meshdx(args.toArray(String[]::new));
            assertThat(run.exit()).as("%s", command).isEqualTo(3);
            assertThat(run.out()).as("%s", command).isEmpty();
            assertThat(run.err())
                    .as("%s", command)
                    .contains("There is no Pod web in namespace production.")
                    .contains("Did you mean " + WEB);
        }
        for (String command : List.of("analyze", "proxy-status", "mtls", "certificates")) {
            assertThat(Run.meshdx(command, "--demo", "-n", "prodction").err())
                    .as(command)
                    .contains("Did you mean production?");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '"', textBlock = """
                    diagnoze; Did you mean diagnose
                    diagnose --bogus; Unknown option
                    diagnose --demo --bogus; Unknown option
                    diagnose --format html; 'html' is none of text, json
                    diagnose --fail-on always; 'always' is none of error, warning, info, never
                    diagnose --deadline soon; is no time
                    diagnose --deadline 0s; is no time
                    diagnose --now yesterday; is no instant
                    diagnose --demo nope; there are healthy
                    diagnose --demo healthy --snapshot x; exclude one another
                    diagnose a --service b --demo; either a POD or --service
                    diagnose --demo -o /no/such/folder/report; there is no folder
                    diagnose --snapshot /no/such/recording; There is no recording
                    analyze -f /no/such/file; There are no manifests
                    analyze --demo --mesh-config /no/such/file; There is no file
                    control-plane --kubeconfig /no/such/file; /no/such/file
                    proxy-config; Missing required parameter
                    proxy-config clusterz web; 'clusterz' is none of clusters
                    proxy-config clusters; either a POD or --config-dump
                    proxy-config clusters web --demo --direction sideways; is none of outbound
                    proxy-config clusters web --demo --port http; is not an int
                    trace --demo; trace needs POD
                    trace http://reviews:9080/ --demo; trace needs POD
                    trace http://reviews:9080/ http://reviews:9080/ --demo; the POD that sends
                    trace web reviews:9080 --demo; Expected http://host/path
                    trace web http://reviews/ -H nonsense --demo; is no header
                    logs; one of: a POD
                    logs web --tail 0 --demo; is no number of lines
                    fake --scenario nope; there are healthy
                    """)
    void should_refuse_wrong_usage_with_a_hint(String command, String hint) {
        String[] args = command.replace("trace web reviews", "trace " + WEB + " reviews")
                .replace("trace web http", "trace " + WEB + " http")
                .split(" ");
        Run run = Run.meshdx(args);

        assertThat(run.exit()).as(run.err()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).startsWith("meshdx: ").contains(hint).doesNotContain("\tat ");
        assertThat(run.err().lines().count()).isLessThan(5);
    }

    @Test
    void should_say_in_one_sentence_that_there_is_no_answer() throws IOException {
        String kubeconfig = file("dead.yaml", """
                apiVersion: v1
                kind: Config
                current-context: dead
                contexts: [{name: dead, context: {cluster: dead, user: dead}}]
                clusters: [{name: dead, cluster: {server: "https://127.0.0.1:1"}}]
                users: [{name: dead, user: {token: very-secret}}]
                """);

        for (String command : List.of("mtls", "certificates", "logs web", "proxy-config clusters web")) {
            Run run = Run.meshdx((command + " --deadline 5s --kubeconfig " + kubeconfig).split(" "));
            assertThat(run.exit()).as(command).isEqualTo(3);
            assertThat(run.out()).isEmpty();
            assertThat(run.err())
                    .contains("The API server at https://127.0.0.1:1 cannot be reached")
                    .doesNotContain("very-secret")
                    .doesNotContain("\tat ");
        }
        assertThat(Run.meshdx("mtls", "-vv", "--deadline", "5s", "--kubeconfig", kubeconfig)
                        .err())
                .contains("\tat ");
    }

    @Test
    void should_ask_a_live_cluster_by_kubeconfig() {
        try (FakeMesh cluster = FakeMesh.start(Scenario.HEALTHY)) {
            String kubeconfig =
                    cluster.writeKubeconfig(folder.resolve("kubeconfig")).toString();

            assertThat(Run.meshdx("proxy-status", "--kubeconfig", kubeconfig, "-A", "-v"))
                    .satisfies(run -> assertThat(run.exit()).isZero())
                    .satisfies(run -> assertThat(run.err()).contains("reads in"));
            assertThat(Run.meshdx("proxy-status", "--kubeconfig", kubeconfig, "--context", "nope")
                            .exit())
                    .isEqualTo(2);
            cluster.deny("list", "virtualservices");
            Run strict = Run.meshdx("analyze", "--kubeconfig", kubeconfig, "--strict", "--format", "json");
            assertThat(strict.exit()).isEqualTo(4);
            assertThat(names(strict.json().at("inconclusive").at(0))).contains("what", "reason", "message", "remedy");
            assertThat(Run.meshdx("analyze", "--kubeconfig", kubeconfig).exit()).isZero();
        }
    }

    @Test
    void should_write_the_answer_to_a_file() throws IOException {
        Path report = folder.resolve("report.json");

        Run run = Run.meshdx("diagnose", "--demo", "--format", "JSON", "-o", report.toString());
        assertThat(run).isEqualTo(new Run(1, "", ""));
        assertThat(Json.parse(Files.readString(report)).at("schema").text("")).isEqualTo("meshdx/v1");
    }

    @Test
    void should_colour_and_show_progress_only_where_somebody_is_watching() {
        Run watched = Run.with("", new Terminal(true, true), "diagnose", "--demo");
        assertThat(watched.out()).contains("\u001B[1;31mBroken:\u001B[0m").contains("\u001B[1;31mERROR\u001B[0m");
        assertThat(watched.out().replaceAll("\u001B\\[[0-9;]*m", ""))
                .contains("ERROR   MDX0301  VirtualService production/reviews");
        assertThat(watched.err()).contains("\rreading ");

        Run json = Run.with("", new Terminal(true, true), "diagnose", "--demo", "--format", "json");
        assertThat(json.out()).doesNotContain("\u001B");
        assertThat(json.json().isObject()).isTrue();
    }

    @Test
    void should_help() {
        Run root = Run.meshdx();
        assertThat(root.exit()).isZero();
        assertThat(root.out()).contains("Exit codes:").contains("diagnose").contains("proxy-config");
        for (String command : List.of(
                "diagnose",
                "control-plane",
                "proxy-status",
                "analyze",
                "proxy-config",
                "trace",
                "authz",
                "logs",
                "mtls",
                "certificates",
                "fake",
                "explain")) {
            Run help = Run.meshdx(command, "--help");
            assertThat(help.exit()).isZero();
            assertThat(help.out())
                    .as(command)
                    .contains("Usage: meshdx " + command)
                    .contains("Example");
        }
        assertThat(Run.meshdx("--version").out()).startsWith("meshdx ");
        assertThat(Run.meshdx("generate-completion").out()).contains("complete");
    }

    @Test
    void should_note_options_that_make_no_difference() {
        assertThat(Run.meshdx("mtls", "--demo", "--revision", "default").err())
                .contains("--revision makes no difference to mtls");
    }
}
