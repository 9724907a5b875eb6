package dev.meshdx.traffic;

import dev.meshdx.model.Json;
import dev.meshdx.source.Session;
import dev.meshdx.testing.Shared;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class RecordedMeshTraceTest {
    @Test
    void explore() throws Exception {
        StringBuilder out = new StringBuilder();
        for (String kind : List.of("sidecar", "ambient")) {
            try (Stream<Path> list = Files.list(Shared.folder("real/" + kind))) {
                for (Path scenario : list.filter(Files::isDirectory).sorted().toList()) {
                    Path requests = scenario.resolve("requests.json");
                    if (!Files.exists(requests)) continue;
                    Session session = Shared.recording(kind + "/" + scenario.getFileName());
                    java.util.Set<String> seen = new java.util.HashSet<>();
                    for (Json one : Json.parse(Files.readString(requests)).items()) {
                        String from = one.at("from").text("");
                        HttpRequest request = HttpRequest.of(
                                one.at("method").text("GET"), one.at("url").text(""));
                        for (var h : one.at("headers").textMap().entrySet())
                            request = request.header(h.getKey(), h.getValue());
                        String logs = one.at("accessLog").items().stream()
                                .map(l -> l.at("code") + " " + l.at("flags").text("") + " "
                                        + l.at("details").text(""))
                                .toList()
                                .toString();
                        if (!seen.add(from + request + one.at("status") + logs)) continue;
                        String have;
                        try {
                            MeshTrace t = MeshTrace.of(session, from.split("/")[0], from.split("/")[1], request);
                            have = (t.isServed() ? "served " : "FAILS ") + t.responseCode() + " | " + t.verdict()
                                    + " gaps " + t.gaps().size();
                            out.append("\n" + t.tree().indent(8));
                        } catch (RuntimeException e) {
                            have = "EXC " + e;
                            java.io.StringWriter w = new java.io.StringWriter();
                            e.printStackTrace(new java.io.PrintWriter(w));
                            out.append(w.toString().lines().limit(6).toList());
                        }
                        out.append("@@ " + scenario.getFileName() + " " + from + " " + request + " => "
                                + one.at("status") + " " + logs + "\n     HAVE " + have + "\n");
                    }
                }
            }
        }
        Files.writeString(Path.of("/tmp/meshtrace.txt"), out.toString());
    }
}
