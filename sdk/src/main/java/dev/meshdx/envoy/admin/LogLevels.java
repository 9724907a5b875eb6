package dev.meshdx.envoy.admin;

import dev.meshdx.envoy.internal.AdminPage;
import dev.meshdx.envoy.internal.Row;
import dev.meshdx.error.MeshProtocolException;
import dev.meshdx.finding.Inconclusive;
import dev.meshdx.model.internal.Nearest;
import dev.meshdx.model.internal.TextTable;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * How much each part of one Envoy writes into its log, from the page {@code /logging}. Asking for it needs {@code POST}, but
 * changes nothing. Immutable; safe for use by several threads.
 *
 * <p>Source: Envoy, "Administration interface", {@code /logging}. With fine-grain logging the loggers are source files.
 */
public final class LogLevels {
    /** What is written, from everything to nothing. Source: Envoy, command line option {@code --log-level}. */
    public enum Level {
        /** Everything. */
        TRACE,
        /** What happens to each connection and request. */
        DEBUG,
        /** What changes. */
        INFO,
        /** What may be wrong; the default of Istio's proxies. */
        WARNING,
        /** What is wrong. */
        ERROR,
        /** What ends the process. */
        CRITICAL,
        /** Nothing. */
        OFF;

        /** As Envoy writes it. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** The level of this name, as Envoy writes it or shorter ({@code warn}, {@code err}); case does not count. */
        public static Optional<Level> of(String text) {
            return switch (text.toLowerCase(Locale.ROOT)) {
                case "trace" -> Optional.of(TRACE);
                case "debug" -> Optional.of(DEBUG);
                case "info" -> Optional.of(INFO);
                case "warning", "warn" -> Optional.of(WARNING);
                case "error", "err" -> Optional.of(ERROR);
                case "critical" -> Optional.of(CRITICAL);
                case "off" -> Optional.of(OFF);
                default -> Optional.empty();
            };
        }
    }

    private static final String PATH = "/logging";

    private final Map<String, Level> all;
    private final List<Inconclusive> gaps;

    private LogLevels(Map<String, Level> all, List<Inconclusive> gaps) {
        this.all = Collections.unmodifiableMap(all);
        this.gaps = List.copyOf(gaps);
    }

    /**
     * Reads the page, for example from a file. The stream stays open.
     *
     * @throws MeshProtocolException if it is something else
     * @throws IOException if the stream cannot be read
     */
    public static LogLevels parse(InputStream in) throws IOException {
        AdminPage page = AdminPage.text(in, PATH);
        Map<String, Level> found = new LinkedHashMap<>();
        for (String line : page.lines()) {
            // Names of files and of extensions may hold colons themselves.
            int colon = line.lastIndexOf(": ");
            if (colon > 0) {
                String name = line.substring(0, colon).strip();
                Level.of(line.substring(colon + 2).strip()).ifPresent(level -> found.put(name, level));
            }
        }
        if (found.isEmpty()) {
            throw AdminPage.foreign(PATH, AdminPage.Form.TEXT);
        }
        Inconclusive problem = page.problem();
        return new LogLevels(found, problem == null ? List.of() : List.of(problem));
    }

    /** The level of each logger, in Envoy's order. */
    public Map<String, Level> all() {
        return all;
    }

    /** The level of the logger with this whole name, such as {@code rbac} or {@code source/common/router/router.cc}. */
    public Optional<Level> level(String logger) {
        return Optional.ofNullable(all.get(logger));
    }

    /** Names like this one, nearest first. */
    public List<String> nearest(String logger) {
        return Nearest.to(logger, all.keySet());
    }

    /** The level that most loggers have. */
    public Level usual() {
        Map<Level, Integer> counts = new EnumMap<>(Level.class);
        all.values().forEach(level -> counts.merge(level, 1, Integer::sum));
        return counts.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .map(Map.Entry::getKey)
                .orElse(Level.WARNING);
    }

    /**
     * Those that write each request or connection: {@code debug} or {@code trace}. On a busy proxy that costs CPU and fills the
     * node's disk; often somebody forgot to set them back.
     */
    public Map<String, Level> verbose() {
        Map<String, Level> verbose = new LinkedHashMap<>();
        all.forEach((name, level) -> {
            if (level.compareTo(Level.DEBUG) <= 0) {
                verbose.put(name, level);
            }
        });
        return Collections.unmodifiableMap(verbose);
    }

    /** Whether the loggers are source files. Source: Envoy, command line option {@code --enable-fine-grain-logging}. */
    public boolean isFineGrain() {
        return all.keySet().stream().anyMatch(name -> name.endsWith(".cc") || name.endsWith(".h"));
    }

    /** What could not be read. */
    public List<Inconclusive> gaps() {
        return gaps;
    }

    /** One map a row: {@code logger}, {@code level}. */
    public List<Map<String, String>> rows() {
        return all.entrySet().stream()
                .map(entry -> Row.of(
                        "logger", entry.getKey(), "level", entry.getValue().toString()))
                .toList();
    }

    /** The usual level, and what has another. */
    @Override
    public String toString() {
        Level usual = usual();
        TextTable table = new TextTable("LOGGER", "LEVEL");
        all.forEach((name, level) -> {
            if (level != usual) {
                table.row(name, level.toString());
            }
        });
        String title = all.size() + " loggers, " + (table.isEmpty() ? "all of them " : "usually ") + usual;
        return table.summary(title, "loggers");
    }
}
