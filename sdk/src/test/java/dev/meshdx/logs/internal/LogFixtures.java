package dev.meshdx.logs.internal;

import dev.meshdx.check.Check;
import dev.meshdx.finding.Finding;
import dev.meshdx.logs.LogParser;
import dev.meshdx.logs.internal.LogModel.PodLog;
import dev.meshdx.model.ResourceRef;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Small logs for the tests of the checks. */
final class LogFixtures {
    static final Instant NOW = Instant.parse("2026-01-02T12:00:00Z");
    static final String OUTBOUND = "outbound|80|v1|web.shop.svc.cluster.local";
    static final String INBOUND = "inbound|8080||";

    private LogFixtures() {}

    /** An HTTP request's line in Istio's format. */
    static String request(String time, int code, String flags, String details, String transport, String cluster) {
        return "[2026-01-02T" + time + ".000Z] \"GET /cart?id=7 HTTP/1.1\" " + code + " " + flags + " " + details
                + " - \""
                + transport + "\" 0 19 100 - \"-\" \"curl\" \"id-1\" \"web:80\" \""
                + (cluster.equals("-") ? "-" : "10.0.0.9:8080") + "\" " + cluster
                + " - 10.96.0.9:80 10.0.0.5:4000 - default";
    }

    static String request(int code, String flags, String details, String cluster) {
        return request("11:59:00", code, flags, details, "-", cluster);
    }

    /** A bare connection's line. */
    static String connection(String flags, String details, String sni) {
        return "[2026-01-02T11:59:00.000Z] \"- - -\" 0 " + flags + " " + details
                + " - \"-\" 0 0 0 - \"-\" \"-\" \"-\" \"-\" \"-\" - - 10.0.0.9:8080 10.0.0.5:4000 " + sni + " -";
    }

    static String ok(String time, String cluster) {
        return request(time, 200, "-", "via_upstream", "-", cluster);
    }

    static PodLog log(String pod, String... lines) {
        return new PodLog(ResourceRef.of("Pod", "shop", pod), LogParser.read(List.of(lines)));
    }

    static List<Finding> run(Check<LogModel> check, PodLog... logs) {
        List<Finding> findings = new ArrayList<>();
        check.run(new LogModel(NOW, List.of(logs)), findings::add);
        return findings.stream().sorted().toList();
    }

    static List<Finding> run(Check<LogModel> check, String... lines) {
        return run(check, log("client", lines));
    }
}
