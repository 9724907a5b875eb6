package dev.meshdx.envoy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.meshdx.model.Json;
import dev.meshdx.testing.Shared;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Rows against what the real istioctl prints for the same documents. */
class ProxyConfigConformanceTest {
    @Test
    void should_give_the_rows_of_istioctl() throws IOException {
        Path folder = Shared.folder("conformance/proxy-config");
        Json cases = Json.parse(Files.readString(folder.resolve("cases.json")));
        Instant now = Instant.parse(cases.at("now").text(""));
        Map<String, ConfigDump> dumps = new HashMap<>();
        List<String> wrong = new ArrayList<>();
        int checked = 0;

        for (Json test : cases.at("cases").items()) {
            String input = test.at("input").text("");
            ConfigDump dump = dumps.get(input);
            if (dump == null) {
                try (InputStream in = Files.newInputStream(folder.resolve(input))) {
                    dump = ConfigDump.parse(in);
                }
                dumps.put(input, dump);
            }
            String command = test.at("command").text("");
            checked++;
            if (test.at("absent").bool(false)) {
                if (!gaps(dump, command, now)) {
                    wrong.add(test.at("id").text("") + ": does not say that the section is absent");
                }
                continue;
            }
            List<Json> expected = Json.parse(
                            Files.readString(folder.resolve(test.at("expected").text(""))))
                    .items();
            List<Map<String, String>> rows = rows(dump, command, test.at("args").texts(), now);
            List<String> want = new ArrayList<>();
            List<String> have = new ArrayList<>();
            List<String> columns =
                    expected.isEmpty() ? List.of() : expected.get(0).names();
            for (Json row : expected) {
                want.add(line(columns, row));
            }
            for (Map<String, String> row : rows) {
                boolean hidden = List.of("WARMING", "REJECTED", "DRAINING").contains(row.getOrDefault("state", ""));
                if (!hidden || command.equals("secrets")) {
                    have.add(line(columns, Json.of(new TreeMap<>(row))));
                }
            }
            if (!want.stream().sorted().toList().equals(have.stream().sorted().toList())) {
                List<String> missing = new ArrayList<>(want);
                have.forEach(missing::remove);
                List<String> extra = new ArrayList<>(have);
                want.forEach(extra::remove);
                wrong.add(test.at("id").text("") + " " + test.at("args") + "\n  missing " + missing + "\n  extra "
                        + extra);
            }
        }

        assertThat(wrong).as("wrong of " + checked).isEmpty();
    }

    private static String line(List<String> columns, Json row) {
        StringBuilder line = new StringBuilder();
        for (String column : columns) {
            String cell = row.at(column).text("");
            line.append(cell.equals("-") ? "" : cell).append(" | ");
        }
        return line.toString();
    }

    private static boolean gaps(ConfigDump dump, String command, Instant now) {
        return switch (command) {
            case "clusters" ->
                !dump.clusters().gaps().isEmpty() && dump.clusters().isEmpty();
            case "listeners" -> !dump.listeners().gaps().isEmpty();
            case "routes" -> !dump.routes().gaps().isEmpty();
            case "endpoints" -> !dump.endpoints().gaps().isEmpty();
            case "secrets" -> !dump.secrets(now).gaps().isEmpty();
            case "extensions" -> !dump.extensions().gaps().isEmpty();
            default -> !dump.bootstrap().gaps().isEmpty();
        };
    }

    private static List<Map<String, String>> rows(ConfigDump dump, String command, List<String> args, Instant now) {
        Map<String, String> options = new HashMap<>();
        for (int i = 0; i + 1 < args.size(); i += 2) {
            options.put(args.get(i), args.get(i + 1));
        }
        return switch (command) {
            case "clusters" -> {
                Clusters found = dump.clusters();
                for (Map.Entry<String, String> option : options.entrySet()) {
                    found = switch (option.getKey()) {
                        case "--fqdn" -> found.toService(option.getValue());
                        case "--port" -> found.port(Integer.parseInt(option.getValue()));
                        case "--subset" -> found.subset(option.getValue());
                        default -> found.direction(TrafficDirection.of(option.getValue()));
                    };
                }
                yield found.rows();
            }
            case "listeners" -> {
                Listeners found = dump.listeners();
                for (Map.Entry<String, String> option : options.entrySet()) {
                    found = switch (option.getKey()) {
                        case "--port" -> found.port(Integer.parseInt(option.getValue()));
                        case "--type" -> found.type(option.getValue());
                        default -> found.address(option.getValue());
                    };
                }
                yield found.rows();
            }
            case "routes" ->
                (options.containsKey("--name")
                                ? dump.routes().named(String.valueOf(options.get("--name")))
                                : dump.routes())
                        .rows();
            case "endpoints" -> {
                Endpoints found = dump.endpoints();
                for (Map.Entry<String, String> option : options.entrySet()) {
                    found = switch (option.getKey()) {
                        case "--cluster" -> found.cluster(option.getValue());
                        case "--status" -> found.status(option.getValue());
                        case "--port" -> found.port(Integer.parseInt(option.getValue()));
                        default -> found.address(option.getValue());
                    };
                }
                yield found.rows();
            }
            case "secrets" -> dump.secrets(now).rows();
            case "extensions" -> dump.extensions().rows();
            default -> dump.bootstrap().rows();
        };
    }
}
