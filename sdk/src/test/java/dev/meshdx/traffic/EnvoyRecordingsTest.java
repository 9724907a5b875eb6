package dev.meshdx.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.envoy.ConfigDump;
import dev.meshdx.model.Json;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a real Envoy did where filters, hosts and limits decide (recordings in {@code traffic/envoy}), against the tracer. */
class EnvoyRecordingsTest {
    private static final List<String> COMPARED = List.of(
            "listener",
            "filterChain",
            "routeConfig",
            "virtualHost",
            "route",
            "cluster",
            "responseCode",
            "responseCodeDetails",
            "responseFlags",
            "location",
            "matchedPath",
            "upstreamPath",
            "upstreamAuthority");

    private static final List<String> BEFORE =
            List.of("listener", "filterChain", "responseCode", "responseCodeDetails", "responseFlags");

    static Stream<Path> recordings() throws IOException, URISyntaxException {
        URL folder = Objects.requireNonNull(EnvoyRecordingsTest.class.getResource("/traffic/envoy"));
        return Files.list(Path.of(folder.toURI()))
                .filter(file -> file.toString().endsWith(".json"))
                .sorted();
    }

    @ParameterizedTest
    @MethodSource("recordings")
    void should_end_as_envoy_ended_it(Path file) throws IOException {
        Json recording = Json.parse(Files.readString(file));
        ConfigDump dump = ConfigDump.parse(
                new ByteArrayInputStream(recording.at("configDump").toString().getBytes(StandardCharsets.UTF_8)));
        Tracer tracer = Tracer.of(dump);
        List<String> wrong = new ArrayList<>();

        for (Json request : recording.at("requests").items()) {
            Json expected = request.at("expected");
            Trace trace = tracer.trace(HttpRequest.of(request));
            if (recording.at("name").text("").equals("jwt-routes")
                    && request.at("note").text("").contains("denied before the token is read")) {
                // The log has the route that was chosen before the token was read; the trace has the one after it.
                continue;
            }
            List<String> differences = differences(expected, trace);
            if (!differences.isEmpty() && !isLeftOpen(expected, trace)) {
                wrong.add("#" + request.at("id") + " " + expected.at("kind").text("") + " " + differences + " note "
                        + request.at("note") + " " + request.at("method") + " " + request.at("path") + " "
                        + request.at("headers") + " " + trace.filters());
            }
        }
        Files.write(Path.of("target", "recording-" + file.getFileName() + ".txt"), wrong);

        assertThat(recording.at("requests").items()).isNotEmpty();
        assertThat(wrong).isEmpty();
    }

    /** What the configuration does not decide, and the trace says so. */
    private static boolean isLeftOpen(Json expected, Trace trace) {
        boolean byFilter = trace.filters().stream()
                .anyMatch(effect -> effect.effect() == FilterEffect.Effect.MAY_REFUSE
                        || effect.effect() == FilterEffect.Effect.MAY_CHANGE);
        // Hosts that refuse, hang or speak something else: the trace takes them to be well.
        boolean byHost = trace.kind() == Trace.Kind.ROUTE
                && (expected.at("kind").text("").equals("upstreamFailure")
                        || expected.at("responseCode").number(0) == 504);
        boolean byTcpHost = trace.kind() == Trace.Kind.TCP
                && expected.at("responseFlags").text("").contains("UF");
        boolean rewritten = trace.notes().stream()
                .anyMatch(note -> note.contains("local_reply_config") || note.contains("set at run time"));
        return byFilter
                || byHost
                || byTcpHost
                || rewritten
                || !trace.alternatives().isEmpty()
                || trace.clusters().size() > 1;
    }

    private static List<String> differences(Json expected, Trace trace) {
        List<String> differences = new ArrayList<>();
        Map<String, Object> found = trace.fields();
        String kind = expected.at("kind").text("");
        boolean before = kind.equals("rejected") || kind.equals("codecError");
        if (!kinds(kind).contains(trace.kind())) {
            differences.add("kind: want " + kind + " have " + trace.kind());
        }
        // A route that was never looked for can be logged with a request that was refused before.
        for (String field : before ? BEFORE : COMPARED) {
            String want = Json.of(expected.at(field)).toString();
            String have = Json.of(found.get(field)).toString();
            if (want.equals("0") && have.equals("null")) {
                continue; // no answer
            }
            if (!want.equals(have)) {
                differences.add(field + ": want " + want + " have " + have);
            }
        }
        return differences;
    }

    private static Set<Trace.Kind> kinds(String recorded) {
        return switch (recorded) {
            case "filterReply" -> Set.of(Trace.Kind.DENIED, Trace.Kind.FAULT_INJECTED, Trace.Kind.DIRECT_RESPONSE);
            case "overflow", "upstreamFailure" -> Set.of(Trace.Kind.ROUTE);
            default -> {
                Set<Trace.Kind> kinds = new HashSet<>();
                for (Trace.Kind kind : Trace.Kind.values()) {
                    if (kind.toString().equals(recorded)) {
                        kinds.add(kind);
                    }
                }
                yield kinds;
            }
        };
    }
}
