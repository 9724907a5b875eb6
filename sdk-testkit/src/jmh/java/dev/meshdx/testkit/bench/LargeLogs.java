package dev.meshdx.testkit.bench;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Random;

/** Logs of a busy proxy, in the proportions of the published comparison with grep: one line in twenty Envoy's or the agent's own. */
final class LargeLogs {
    /** What the lines look like. */
    enum Form {
        /** Istio's text format, one request in a hundred failed. */
        TEXT,
        /** Istio's text format, every request failed, in some hundred ways. */
        FAILING,
        /** Istio's JSON format, one request in a hundred failed. */
        JSON
    }

    private static final String[] SERVICES = {"orders", "reviews", "ratings", "details", "payments", "carts", "stock"};
    private static final String[] MESSAGES = {
        "\tinfo\txdsproxy\tconnected to delta upstream XDS server: istiod.istio-system.svc:15012\tid=%d%n",
        "\twarning\tenvoy config source/extensions/config_subscription/grpc/grpc_stream.h:227\tDeltaAggregatedResources gRPC config"
                + " stream to xds-grpc closed since 40s ago: 14, upstream connect error or disconnect/reset before headers\tthread=%d%n",
        "\tinfo\tcache\treturned workload trust anchor from cache\tttl=23h59m%ds%n",
        "\tinfo\tads\tADS: new connection for node:%d%n",
        "\tinfo\tReadiness succeeded in 1.%ds%n"
    };

    private LargeLogs() {}

    static byte[] bytes(Form form, int megabytes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(megabytes << 20);
        try {
            write(form, (long) megabytes << 20, out);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return out.toByteArray();
    }

    static void write(Form form, long size, OutputStream out) throws IOException {
        Random random = new Random(7);
        long written = 0;
        for (int i = 0; written < size; i++) {
            byte[] line = line(form, i, random).getBytes(StandardCharsets.US_ASCII);
            out.write(line);
            written += line.length;
        }
    }

    private static String line(Form form, int i, Random random) {
        String time = String.format(
                Locale.ROOT,
                "2026-03-01T%02d:%02d:%02d.%03dZ",
                10 + i / 3_600_000 % 10,
                i / 60_000 % 60,
                i / 1000 % 60,
                i % 1000);
        if (random.nextInt(20) == 0) {
            return time.substring(0, 23) + "123Z" + String.format(Locale.ROOT, MESSAGES[random.nextInt(5)], i % 50);
        }
        String service = SERVICES[random.nextInt(SERVICES.length)];
        boolean failed = form == Form.FAILING || random.nextInt(100) == 0;
        String code = failed ? "503" : "200";
        String flags = failed ? "URX,UF" : "-";
        String details = failed
                ? "upstream_reset_before_response_started{remote_connection_failure|delayed_connect_error:_Connection_refused}"
                : "via_upstream";
        String reason = failed ? "delayed connect error: Connection refused" : "-";
        String cluster = "outbound|8080|v" + random.nextInt(20) + "|" + service + ".shop.svc.cluster.local";
        String id = String.format(Locale.ROOT, "5b8ab1a7-44b2-9d1e-8a77-%012d", i);
        String host = "10.0.1." + random.nextInt(40) + ":8080";
        int sent = 10 + random.nextInt(9000);
        int millis = 1 + random.nextInt(400);
        if (form == Form.JSON) {
            return String.format(
                    Locale.ROOT,
                    "{\"start_time\":\"%s\",\"method\":\"GET\",\"path\":\"/%s/%d\",\"protocol\":\"HTTP/1.1\",\"response_code\":%s,\"response_flags\":\"%s\",\"response_code_details\":\"%s\",\"connection_termination_details\":null,\"upstream_transport_failure_reason\":\"%s\",\"bytes_received\":0,\"bytes_sent\":%d,\"duration\":%d,\"upstream_service_time\":\"3\",\"x_forwarded_for\":null,\"user_agent\":\"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36\",\"request_id\":\"%s\",\"authority\":\"%s:8080\",\"upstream_host\":\"%s\",\"upstream_cluster\":\"%s\",\"upstream_local_address\":\"10.0.2.9:40112\",\"downstream_local_address\":\"10.96.4.2:8080\",\"downstream_remote_address\":\"10.0.2.9:51234\",\"requested_server_name\":null,\"route_name\":\"default\"}%n",
                    time,
                    service,
                    i,
                    code,
                    flags,
                    details,
                    reason,
                    sent,
                    millis,
                    id,
                    service,
                    host,
                    cluster);
        }
        return String.format(
                Locale.ROOT,
                "[%s] \"GET /%s/%d HTTP/1.1\" %s %s %s - \"%s\" 0 %d %d 3 \"-\" \"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36\" \"%s\" \"%s:8080\" \"%s\" %s 10.0.2.9:40112 10.96.4.2:8080 10.0.2.9:51234 - default%n",
                time,
                service,
                i,
                code,
                flags,
                details,
                reason,
                sent,
                millis,
                id,
                service,
                host,
                cluster);
    }
}
