package dev.meshdx.testkit.internal;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import okio.ByteString;

/**
 * The page {@code /logging} of a fake Envoy, which remembers the levels that it is given. What is set is set when the answer is
 * written: a fault that swallows the request leaves everything as it is, and one that cuts the answer off does not. Safe for use
 * by several threads.
 *
 * <p>Source: Envoy, "Administration interface", {@code /logging}, and a running Envoy 1.40: what it answers to odd questions.
 */
public final class LoggingPage {
    private static final List<String> LEVELS = List.of("trace", "debug", "info", "warning", "error", "critical", "off");

    private static final String USAGE = """

            usage: /logging?<name>=<level> (change single level)
            usage: /logging?paths=name1:level1,name2:level2,... (change multiple levels)
            usage: /logging?level=<level> (change all levels)
            usage: /logging?group=<group_name>:<level> (change group of loggers)
            levels: trace debug info warning error critical off\s
            """;

    private final Map<String, String> levels = new LinkedHashMap<>();
    private final Page page;

    /** With the levels of a page: lines {@code name: level}. */
    public LoggingPage(String text) {
        text.lines().forEach(line -> {
            int colon = line.lastIndexOf(": ");
            if (colon > 0) {
                levels.put(
                        line.substring(0, colon).strip(),
                        line.substring(colon + 2).strip());
            }
        });
        this.page = Page.text(this::text).withQuery(this::change);
    }

    /** The page. */
    public Page page() {
        return page;
    }

    private synchronized String text() {
        StringBuilder text = new StringBuilder("active loggers:\n");
        levels.forEach((name, level) ->
                text.append("  ").append(name).append(": ").append(level).append('\n'));
        return text.append('\n').toString();
    }

    private synchronized Page change(String query) {
        Map<String, String> parameters = ConfigDumpPage.parameters(query);
        if (parameters.size() > 1) {
            return refused("invalid parameter");
        }
        String name = parameters.keySet().stream().findFirst().orElse("");
        String value = parameters.getOrDefault(name, "");
        Map<String, String> wanted = new LinkedHashMap<>();
        if (value.isEmpty()) {
            return page;
        } else if (name.equals("level")) {
            levels.keySet().forEach(logger -> wanted.put(logger, value));
        } else if (name.equals("paths")) {
            for (String one : value.split(",", -1)) {
                String[] parts = one.split(":", 2);
                if (parts.length < 2 || parts[0].isEmpty() || parts[1].isEmpty()) {
                    return refused("empty logger name or empty logger level");
                }
                wanted.put(parts[0], parts[1]);
            }
        } else {
            wanted.put(name, value);
        }
        if (!LEVELS.containsAll(wanted.values())) {
            return refused("unknown logger level");
        }
        if (!levels.keySet().containsAll(wanted.keySet())) {
            return refused("unknown logger name");
        }
        return Page.text(() -> {
            synchronized (this) {
                levels.putAll(wanted);
                return text();
            }
        });
    }

    private static Page refused(String why) {
        return new Page(400, "text/plain; charset=UTF-8", ByteString.encodeUtf8("error: " + why + "\n" + USAGE));
    }
}
