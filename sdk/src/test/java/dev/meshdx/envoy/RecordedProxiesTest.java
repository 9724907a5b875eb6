package dev.meshdx.envoy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.error.MeshException;
import dev.meshdx.source.Session;
import dev.meshdx.testing.Shared;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Rows of recorded proxies against the tables that istioctl printed for them in the same minute. */
class RecordedProxiesTest {
    /** istioctl's headers, with the names of the columns in rows. */
    private static final Map<String, Map<String, String>> TABLES = Map.of(
            "cluster.txt",
            columns(
                    "SERVICE FQDN", "serviceFqdn",
                    "PORT", "port",
                    "SUBSET", "subset",
                    "DIRECTION", "direction",
                    "TYPE", "type",
                    "DESTINATION RULE", "destinationRule"),
            "listener.txt",
            columns("ADDRESSES", "addresses", "PORT", "port", "MATCH", "match", "DESTINATION", "destination"),
            "route.txt",
            columns(
                    "NAME", "name",
                    "VHOST NAME", "vhostName",
                    "DOMAINS", "domains",
                    "MATCH", "match",
                    "VIRTUAL SERVICE", "virtualService"),
            "endpoint.txt",
            columns("ENDPOINT", "endpoint", "STATUS", "status", "OUTLIER CHECK", "outlierCheck", "CLUSTER", "cluster"),
            "secret.txt",
            columns(
                    "RESOURCE NAME", "resourceName",
                    "TYPE", "type",
                    "STATUS", "status",
                    "VALID CERT", "validCert",
                    "SERIAL NUMBER", "serialNumber",
                    "NOT AFTER", "notAfter",
                    "NOT BEFORE", "notBefore"));

    @Test
    void should_show_recorded_proxies_as_istioctl_does() throws IOException {
        List<String> wrong = new ArrayList<>();
        int tables = 0;
        for (Path recording : list(Shared.folder("real/sidecar"))) {
            Session session = Shared.recording("sidecar/" + recording.getFileName());
            for (Path namespace : list(recording.resolve("expected"))) {
                for (Path pod : list(namespace)) {
                    for (String table : TABLES.keySet()) {
                        if (Files.isRegularFile(pod.resolve(table))) {
                            tables += compare(session, pod, table, wrong);
                        }
                    }
                }
            }
        }

        assertThat(tables).isGreaterThan(200);
        assertThat(wrong).as("wrong of " + tables + " tables").isEmpty();
    }

    private static int compare(Session session, Path pod, String table, List<String> wrong) throws IOException {
        Map<String, String> columns = java.util.Objects.requireNonNull(TABLES.get(table));
        List<String> want = rows(Files.readAllLines(pod.resolve(table)), columns);
        String name = String.valueOf(pod.getFileName());
        String namespace = String.valueOf(pod.getParent().getFileName());
        List<Map<String, String>> rows;
        try {
            rows = rows(session, namespace, name, table);
        } catch (MeshException e) {
            assertThat(want).as(pod + " " + table).isEmpty();
            return 0;
        }
        List<String> have = new ArrayList<>();
        for (Map<String, String> row : rows) {
            boolean hidden = List.of("WARMING", "REJECTED", "DRAINING").contains(row.getOrDefault("state", ""));
            if (!hidden || table.equals("secret.txt")) {
                StringBuilder line = new StringBuilder();
                for (String column : columns.values()) {
                    line.append(row.getOrDefault(column, "").strip()).append(" | ");
                }
                have.add(line.toString());
            }
        }
        List<String> missing = new ArrayList<>(want);
        have.forEach(missing::remove);
        List<String> extra = new ArrayList<>(have);
        want.forEach(extra::remove);
        if (!missing.isEmpty() || !extra.isEmpty()) {
            wrong.add(pod + " " + table + "\n  missing " + missing + "\n  extra " + extra);
        }
        return 1;
    }

    private static List<Map<String, String>> rows(Session session, String namespace, String pod, String table) {
        EnvoyProxy proxy = new EnvoyProxy(() -> session, namespace, pod);
        return switch (table) {
            case "cluster.txt" -> proxy.clusters().rows();
            case "listener.txt" -> proxy.listeners().rows();
            case "route.txt" -> proxy.routes().rows();
            case "endpoint.txt" -> proxy.endpoints().rows();
            default -> proxy.secrets().rows();
        };
    }

    private static List<String> rows(List<String> lines, Map<String, String> columns) {
        List<String> rows = new ArrayList<>();
        if (lines.isEmpty()
                || !lines.get(0).startsWith(columns.keySet().iterator().next())) {
            return rows;
        }
        List<Integer> starts = new ArrayList<>();
        int from = 0;
        for (String header : columns.keySet()) {
            from = lines.get(0).indexOf(header, from);
            starts.add(from);
        }
        for (String line : lines.subList(1, lines.size())) {
            StringBuilder row = new StringBuilder();
            for (int i = 0; i < starts.size(); i++) {
                int end = i + 1 < starts.size() ? Math.min(starts.get(i + 1), line.length()) : line.length();
                row.append(
                                starts.get(i) < end
                                        ? line.substring(starts.get(i), end).strip()
                                        : "")
                        .append(" | ");
            }
            rows.add(row.toString());
        }
        return rows;
    }

    private static Map<String, String> columns(String... headersAndNames) {
        Map<String, String> columns = new LinkedHashMap<>();
        for (int i = 0; i < headersAndNames.length; i += 2) {
            columns.put(headersAndNames[i], headersAndNames[i + 1]);
        }
        return columns;
    }

    private static List<Path> list(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> children = Files.list(folder)) {
            return children.filter(Files::isDirectory).sorted().toList();
        }
    }
}
