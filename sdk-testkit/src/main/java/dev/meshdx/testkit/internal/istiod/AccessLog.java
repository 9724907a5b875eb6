package dev.meshdx.testkit.internal.istiod;

import dev.meshdx.testkit.internal.mesh.Times;
import java.time.Instant;

/** One line in Istio's default text format. Source: Istio, "Envoy Access Logs". Mutable; used by one thread. */
final class AccessLog {
    final Instant start;
    String request = "- - -";
    int code;
    String flags = "-";
    String details = "-";
    String transportFailure = "-";
    int sent;
    int duration;
    String upstreamTime = "-";
    String forwardedFor = "-";
    String agent = "-";
    String id = "-";
    String authority = "-";
    String upstreamHost = "-";
    String cluster = "-";
    String upstreamLocal = "-";
    String downstreamLocal = "-";
    String downstreamRemote = "-";
    String serverName = "-";
    String route = "-";

    AccessLog(Instant start) {
        this.start = start;
    }

    /** The outcome. */
    AccessLog outcome(int status, String responseFlags, String responseDetails, int bytes) {
        code = status;
        flags = responseFlags;
        details = responseDetails;
        sent = bytes;
        return this;
    }

    String line() {
        return "[" + Times.millis(start) + "] \"" + request + "\" " + code + " " + flags + " " + details + " - \""
                + transportFailure + "\" 0 " + sent + " " + duration + " " + upstreamTime + " \"" + forwardedFor
                + "\" \"" + agent + "\" \"" + id + "\" \"" + authority + "\" \"" + upstreamHost + "\" " + cluster + " "
                + upstreamLocal + " " + downstreamLocal + " " + downstreamRemote + " " + serverName + " " + route;
    }
}
