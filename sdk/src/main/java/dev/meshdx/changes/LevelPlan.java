package dev.meshdx.changes;

import dev.meshdx.envoy.admin.LogLevels;
import dev.meshdx.envoy.admin.LogLevels.Level;
import dev.meshdx.model.ResourceRef;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What to ask Envoy for, so that loggers get their levels.
 *
 * <p>Source: Envoy, "Administration interface", {@code /logging}: {@code level=} sets all, {@code NAME=} one, {@code paths=}
 * several. {@code paths} is checked as a whole before anything is set; old versions do not have it. With fine-grain logging its
 * names are patterns, and whatever no pattern matches falls back to the default level, so there it is of no use; and {@code
 * level=} also sets the level of files that log for the first time later.
 */
final class LevelPlan {
    /** With fine-grain logging each file takes a request; from so many on, all are set at once and the others one by one. */
    private static final int MANY = 16;

    private LevelPlan() {}

    /** As few requests as possible, each either done as a whole or not at all. */
    static List<String> best(Map<String, Level> targets, LogLevels present) {
        boolean all = targets.keySet().containsAll(present.all().keySet());
        if (all && targets.values().stream().distinct().count() == 1) {
            return List.of("level=" + targets.values().iterator().next());
        }
        boolean several = targets.size() > 1
                && !present.isFineGrain()
                && targets.keySet().stream().noneMatch(name -> name.contains(",") || name.contains(":"));
        if (!several) {
            return stepwise(targets, present);
        }
        return List.of("paths="
                + targets.entrySet().stream()
                        .map(target -> encode(target.getKey()) + ":" + target.getValue())
                        .collect(Collectors.joining(",")));
    }

    /** For Envoys that know no list: all at once where all are set, and one by one what is different. */
    static List<String> stepwise(Map<String, Level> targets, LogLevels present) {
        List<String> queries = new ArrayList<>();
        Level usual = targets.keySet().containsAll(present.all().keySet()) ? usual(targets) : null;
        if (usual != null) {
            queries.add("level=" + usual);
        }
        targets.forEach((name, level) -> {
            if (level != usual) {
                queries.add(encode(name) + "=" + level);
            }
        });
        return queries;
    }

    /** The same levels, and where that makes for far fewer requests, those that the other loggers have anyway. */
    static Map<String, Level> fill(Map<String, Level> targets, LogLevels present) {
        if (!present.isFineGrain() || targets.size() < MANY) {
            return targets;
        }
        Map<String, Level> filled = new java.util.LinkedHashMap<>(present.all());
        filled.putAll(targets);
        return filled;
    }

    /** What somebody can type to the same end. Source: Istio, {@code pilot-agent request}. */
    static List<String> commands(ResourceRef pod, Map<String, Level> targets, LogLevels present) {
        return stepwise(targets, present).stream()
                .map(query -> "kubectl exec -n " + pod.namespace() + " " + pod.name()
                        + " -c istio-proxy -- pilot-agent request POST 'logging?" + query + "'")
                .toList();
    }

    private static Level usual(Map<String, Level> targets) {
        Map<Level, Integer> counts = new EnumMap<>(Level.class);
        targets.values().forEach(level -> counts.merge(level, 1, Integer::sum));
        return counts.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .map(Map.Entry::getKey)
                .orElseThrow();
    }

    private static String encode(String name) {
        StringBuilder encoded = new StringBuilder();
        for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || "._-/".indexOf(c) >= 0) {
                encoded.append(c);
            } else {
                encoded.append(String.format("%%%02X", (int) c));
            }
        }
        return encoded.toString();
    }
}
