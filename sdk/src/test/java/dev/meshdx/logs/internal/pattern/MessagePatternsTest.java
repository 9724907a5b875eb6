package dev.meshdx.logs.internal.pattern;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.finding.Severity;
import dev.meshdx.logs.LineKind;
import dev.meshdx.logs.LogPattern;
import dev.meshdx.logs.internal.line.Line;
import dev.meshdx.logs.internal.line.LineFeed;
import dev.meshdx.logs.internal.line.LineScanner;
import dev.meshdx.testing.Shared;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What messages of Envoy, the agent, istiod, ztunnel and the CNI agent mean. */
class MessagePatternsTest {
    private static final Path DOCS =
            Path.of(System.getProperty("meshdx.root", "..")).resolve("docs/findings");

    /** Every text that some pattern looks for in messages, and that is not about requests. */
    static Stream<String> texts() {
        return messages()
                .flatMap(rule -> rule.alternatives().stream())
                .filter(alternative -> !alternative.writers().contains(LineKind.ACCESS))
                .flatMap(alternative -> alternative.texts().stream())
                .distinct();
    }

    static Stream<Rule> messages() {
        return Stream.of(
                        EnvoyPatterns.RULES,
                        AgentPatterns.RULES,
                        IstiodPatterns.RULES,
                        ZtunnelPatterns.RULES,
                        CniPatterns.RULES)
                .flatMap(List::stream);
    }

    static Stream<LogPattern> patterns() {
        return messages().map(Rule::pattern);
    }

    @ParameterizedTest
    @MethodSource("patterns")
    void should_match_its_own_example(LogPattern pattern) {
        assertThat(match(pattern.example())).as(pattern.example()).contains(pattern.id());
    }

    @ParameterizedTest
    @MethodSource("patterns")
    void should_match_its_example_in_json_too(LogPattern pattern) {
        String[] parts = pattern.example().split("\t", -1);
        if (parts.length < 3) {
            return;
        }
        boolean scoped =
                parts.length > 3 && (parts[2].startsWith("envoy ") || parts[2].matches("[A-Za-z][\\w:/-]*([{].*[}])?"));
        StringBuilder json = new StringBuilder("{\"level\":\"" + parts[1] + "\",\"time\":\"" + parts[0] + "\"");
        int message = 2;
        if (scoped) {
            String scope = parts[2];
            message = 3;
            if (scope.startsWith("envoy ")) {
                scope = scope.substring(0, scope.indexOf(' ', 6));
            }
            json.append(",\"scope\":").append(quoted(scope));
        }
        json.append(",\"msg\":").append(quoted(parts[message]));
        for (int i = message + 1; i < parts.length; i++) {
            int error = parts[i].indexOf("error=\"");
            if (error >= 0) {
                json.append(",\"error\":").append(parts[i], error + 6, parts[i].length());
            }
        }
        json.append("}");

        assertThat(match(json.toString())).as(json.toString()).contains(pattern.id());
    }

    @Test
    void should_have_unique_ids_of_words() {
        List<String> ids = LogPattern.all().stream().map(LogPattern::id).toList();

        assertThat(ids).doesNotHaveDuplicates().allMatch(id -> id.matches("[a-z][a-z0-9]*(-[a-z0-9]+)+"));
    }

    @ParameterizedTest
    @MethodSource("patterns")
    void should_say_what_to_do(LogPattern pattern) {
        assertThat(pattern.meaning()).isNotBlank().endsWith(".");
        assertThat(pattern.causes()).isNotEmpty();
        assertThat(pattern.next()).isNotEmpty();
        assertThat(pattern.findings())
                .allSatisfy(code -> assertThat(DOCS.resolve(code + ".md")).exists());
    }

    @ParameterizedTest
    @MethodSource("texts")
    void should_look_for_texts_that_can_be_searched_fast(String text) {
        assertThat(text).hasSizeGreaterThanOrEqualTo(8);
    }

    @ParameterizedTest
    @ValueSource(strings = {"sidecar/healthy", "ambient/ambient-healthy", "multicluster/multicluster-healthy"})
    void should_be_silent_where_all_is_well(String recording) throws IOException {
        Set<String> harmless = Set.of(
                // Said at every start.
                "istiod-starting",
                "controller-retries",
                "injection-templates-empty",
                "proxy-version-unknown",
                "service-lost-endpoints",
                // What one of them lived through.
                "leader-lost",
                "leader-lock-not-read",
                "write-conflict");

        Map<String, String> found = found(Shared.folder("real/" + recording));
        // What access logs tell of requests is not meant here: some were made to be denied.
        found.keySet().retainAll(patterns().map(LogPattern::id).toList());

        assertThat(found)
                .allSatisfy(
                        (id, line) -> assertThat(LogPattern.of(id).orElseThrow().severity())
                                .as("%s: %s", id, line)
                                .isEqualTo(Severity.INFO));
        assertThat(found.keySet()).isSubsetOf(harmless);
    }

    @ParameterizedTest
    @CsvSource({
        "sidecar/proxy-nack, configuration-rejected configuration-unknown-extension nack-received",
        "sidecar/istiod-down, control-plane-stream-closed xds-unavailable",
        "sidecar/proxy-stale, control-plane-stream-closed xds-stream-broken xds-unavailable",
        "sidecar/gateway-cert-missing, gateway-secret-missing",
        "multicluster/cluster-id-clash, cluster-id-clash",
        "multicluster/remote-api-unreachable, remote-cluster-failed cluster-watch-failed api-server-unreachable",
        "multicluster/remote-secret-repaired, remote-cluster-failed cluster-watch-failed api-list-denied cache-sync-failed",
        "ambient/hbone-blocked, hbone-blocked",
        "ambient/l4-denied, ztunnel-policy-denied ztunnel-no-allow-policy-matched ztunnel-peer-denied",
        "ambient/strict-vs-plaintext, ztunnel-policy-denied ztunnel-plain-text-refused",
        "ambient/app-port-closed-ambient, ztunnel-connection-refused ztunnel-peer-unavailable",
        "ambient/waypoint-down, unknown-waypoint",
        "ambient/ztunnel-down, ztunnel-connection-refused ztunnel-handshake-failed",
        "ambient/l7-policy-without-waypoint, ztunnel-policy-denied ztunnel-no-allow-policy-matched",
        "ambient/l7-targetref-without-waypoint, ztunnel-unknown-policy",
        "ambient/not-enrolled, ztunnel-handshake-failed",
        "ambient/sidecar-without-hbone, ztunnel-plain-text-refused"
    })
    void should_name_what_the_recordings_show(String recording, String expected) throws IOException {
        assertThat(found(Shared.folder("real/" + recording))).containsKeys(expected.split(" "));
    }

    @Test
    void should_know_every_warning_and_error_of_the_recordings() throws IOException {
        List<String> unknown = new ArrayList<>();
        for (String kind : List.of("sidecar", "ambient", "multicluster")) {
            scan(Shared.folder("real/" + kind), (line, matcher) -> {
                if (Set.of("warn", "warning", "error", "critical", "fatal").contains(line.level())
                        && matcher.count() == 0) {
                    unknown.add(
                            new String(line.text(), line.start(), line.end() - line.start(), StandardCharsets.UTF_8));
                }
            });
        }

        assertThat(unknown).isEmpty();
    }

    @Test
    void should_not_be_fooled_by_what_clients_send() {
        List<String> fooled = new ArrayList<>();
        texts().forEach(text -> {
            for (String hostile : List.of(text, text.replace(' ', '_'))) {
                for (String line : hostile(hostile)) {
                    if (!match(line).isEmpty()) {
                        fooled.add(line + " -> " + match(line));
                    }
                }
            }
        });

        assertThat(fooled).isEmpty();
    }

    @Test
    void should_not_be_fooled_by_a_request_that_quotes_all_texts_at_once() {
        String all = String.join(" ", texts().toList());

        assertThat(hostile(all)).allSatisfy(line -> assertThat(match(line)).isEmpty());
    }

    @Test
    void should_believe_a_proxy_only_why_it_refused_configuration() {
        List<String> reasons =
                List.of("nack-received", "xds-message-too-large", "certificate-unreadable", "too-many-open-files");
        List<String> own = patterns()
                .map(LogPattern::id)
                .filter(id -> !reasons.contains(id) && !id.startsWith("configuration-"))
                .toList();

        assertThat(texts()).allSatisfy(text -> {
            assertThat(match("2026-01-02T03:04:05.678901Z\twarn\tdelta\tADS:LDS: ACK ERROR x.shop-5 Internal:" + text))
                    .contains("nack-received")
                    .doesNotContainAnyElementsOf(own);
            assertThat(match("2026-01-02T03:04:05.678901Z\tinfo\tads\tADS: new connection for node:" + text + "-7"))
                    .doesNotContainAnyElementsOf(own);
        });
    }

    /** Lines in which a client's path, user agent, server name or baggage stands. */
    private static List<String> hostile(String text) {
        String json = quoted(text);
        return List.of(
                "[2026-01-02T03:04:05.678Z] \"GET /" + text
                        + " HTTP/1.1\" 200 - via_upstream - \"-\" 0 145 11 10 \"-\" \""
                        + text + "\" \"5b8ab1a7-44b2-9d1e-8a77-0f2f5a3c1d10\" \"" + text
                        + "\" \"10.0.1.7:8080\" outbound|8080||orders.shop.svc.cluster.local - 10.96.4.2:8080 10.0.2.9:51234 - default",
                "{\"start_time\":\"2026-01-02T03:04:05.678Z\",\"method\":\"GET\",\"path\":" + json
                        + ",\"protocol\":\"HTTP/1.1\",\"response_code\":200,\"response_flags\":\"-\",\"response_code_details\":\"via_upstream\",\"user_agent\":"
                        + json + ",\"authority\":" + json + "}",
                // A format of somebody's own.
                "GET /" + text + " 200 \"" + text + "\"",
                "{\"agent\":" + json + ",\"path\":" + json + "}",
                envoy(
                        "debug",
                        "http source/common/http/conn_manager_impl.cc:1135",
                        "[Tags: \"ConnectionId\":\"7\"] request headers complete (end_stream=true): ':path', '/" + text
                                + "' 'user-agent', '" + text + "'"),
                envoy(
                        "debug",
                        "rbac source/extensions/filters/http/rbac/rbac_filter.cc:158",
                        "checking request: requestedServerName: " + text
                                + ", sourceIP: 10.0.0.5:36770, headers: ':path', '/" + text + "'"),
                envoy(
                        "debug",
                        "rbac source/extensions/filters/network/rbac/rbac_filter.cc:98",
                        "checking connection: requestedServerName: " + text + ", sourceIP: 10.0.0.5:36770"),
                envoy(
                        "debug",
                        "filter source/extensions/filters/listener/tls_inspector/tls_inspector.cc:137",
                        "tls:onServerName(), requestedServerName: " + text),
                envoy(
                        "error",
                        "lua source/extensions/filters/http/lua/lua_filter.cc:1005",
                        "script log: agent " + text),
                envoy(
                        "warning",
                        "wasm source/extensions/common/wasm/context.cc:1198",
                        "wasm log shop.auth: agent " + text),
                "2026-01-02T03:04:05.678901Z\tinfo\taccess\tconnection complete\tsrc.addr=10.0.0.5:36770 src.workload="
                        + json
                        + " src.namespace=" + json + " dst.addr=10.0.0.9:15008 dst.service=" + json
                        + " direction=\"inbound\" bytes_sent=1 bytes_recv=2 duration=\"3ms\"");
    }

    @Test
    void should_find_what_stands_in_the_lines_after_a_message() {
        Line line = new Line();
        PatternMatcher matcher = new PatternMatcher();
        LineScanner scanner = new LineScanner();
        byte[] first = "2026-01-02T03:04:05.678901Z\tinfo\tads\tPush done".getBytes(StandardCharsets.UTF_8);
        scanner.scan(first, 0, first.length, line);
        matcher.begin(line);
        byte[] second = "panic: runtime error: index out of range [3] with length 3".getBytes(StandardCharsets.UTF_8);
        scanner.scan(second, 0, second.length, line);
        matcher.more(line, LineKind.AGENT);

        assertThat(ids(matcher)).containsExactly("go-panic");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // Code 13 with a reason is no code 1, and 14 no 1.
                "DeltaAggregatedResources gRPC config stream to xds-grpc closed: 13,  | control-plane-stream-closed xds-stream-ended-by-server",
                "DeltaAggregatedResources gRPC config stream to xds-grpc closed since 40s ago: 16, authentication failure | control-plane-stream-closed xds-unauthenticated",
                "StreamAggregatedResources gRPC config stream closed: 14, no healthy upstream | control-plane-stream-closed no-healthy-upstream xds-unavailable",
                "gRPC config: initial fetch timed out for type.googleapis.com/envoy.config.route.v3.RouteConfiguration | configuration-fetch-timeout",
                "cm init: initializing cds | ''"
            })
    void should_tell_messages_of_envoy_apart(String message, String expected) {
        assertThat(match(envoy("warning", "config source/common/config/grpc_stream.h:1", message)))
                .containsExactlyInAnyOrder(expected.isEmpty() ? new String[0] : expected.split(" "));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "error|webhooks|patching webhook istio-sidecar-injector failed: Operation cannot be fulfilled: the object has been modified; please apply your changes to the latest version|write-conflict",
                "info|klog|http: TLS handshake error from 10.96.0.1:41200: EOF|''",
                "info|xdsproxy|connected to delta upstream XDS server: istiod.istio-system.svc:15012|''",
                "info|cache|generated new workload certificate|''",
                "info|''|Envoy proxy is ready|''",
                "info|delta|ADS: \"10.99.2.20:44566\" details-v1.production-11 terminated|''"
            })
    void should_not_take_harmless_messages_for_trouble(String level, String scope, String message, String expected) {
        String line = "2026-01-02T03:04:05.678901Z\t" + level + "\t" + (scope.isEmpty() ? "" : scope + "\t") + message;

        assertThat(match(line)).containsExactlyInAnyOrder(expected.isEmpty() ? new String[0] : expected.split(" "));
    }

    @Test
    void should_not_count_an_ejection_that_was_not_enforced() {
        String event =
                "{\"type\":\"CONSECUTIVE_5XX\",\"cluster_name\":\"a\",\"upstream_url\":\"10.0.1.7:8080\",\"action\":\"EJECT\",\"num_ejections\":1,\"enforced\":false}";

        assertThat(match(event)).isEmpty();
    }

    private static String envoy(String level, String source, String message) {
        return "2026-01-02T03:04:05.678901Z\t" + level + "\tenvoy " + source + "\t" + message + "\tthread=22";
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\t", "\\t") + '"';
    }

    private static List<String> match(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        Line line = new Line();
        PatternMatcher matcher = new PatternMatcher();
        new LineScanner().scan(bytes, 0, bytes.length, line);
        matcher.begin(line);
        return ids(matcher);
    }

    private static List<String> ids(PatternMatcher matcher) {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < matcher.count(); i++) {
            ids.add(PatternTable.patterns().get(matcher.pattern(i)).id());
        }
        return ids;
    }

    private interface Seen {
        void line(Line line, PatternMatcher matcher);
    }

    /** Every line of every log under a folder; lines in no known form go on with the message before. */
    private static void scan(Path folder, Seen seen) throws IOException {
        List<Path> logs;
        try (Stream<Path> files = Files.walk(folder)) {
            logs = files.filter(file -> file.toString().endsWith(".log"))
                    .sorted()
                    .toList();
        }
        LineScanner scanner = new LineScanner();
        PatternMatcher matcher = new PatternMatcher();
        for (Path log : logs) {
            Line line = new Line();
            try (InputStream in = Files.newInputStream(log)) {
                LineFeed.read(in, (text, start, end) -> {
                    scanner.scan(text, start, end, line);
                    matcher.begin(line);
                    seen.line(line, matcher);
                });
            }
        }
    }

    /** The patterns that occur, with the last line of each. */
    private static Map<String, String> found(Path folder) throws IOException {
        Map<String, String> found = new TreeMap<>();
        Set<String> kinds = new TreeSet<>();
        scan(folder, (line, matcher) -> {
            kinds.add(line.kind().name());
            for (String id : ids(matcher)) {
                found.put(id, new String(line.text(), line.start(), line.end() - line.start(), StandardCharsets.UTF_8));
            }
        });
        assertThat(kinds).isNotEmpty();
        return found;
    }
}
