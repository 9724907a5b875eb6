package dev.meshdx.changes;

import dev.meshdx.annotation.Internal;
import dev.meshdx.envoy.admin.LogLevels;
import dev.meshdx.envoy.admin.LogLevels.Level;
import dev.meshdx.error.MeshNotFoundException;
import dev.meshdx.model.ResourceRef;
import dev.meshdx.model.internal.Nearest;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The levels that are asked for: of single loggers, and of all others.
 *
 * @param others the level of all that are not named; null where those stay as they are
 * @param named the level of each logger that is named
 */
@Internal
public record LevelRequest(@Nullable Level others, Map<String, Level> named) {
    /** Copies the loggers. */
    public LevelRequest {
        Map<String, Level> copy = new LinkedHashMap<>();
        named.forEach((logger, level) -> copy.put(
                Objects.requireNonNull(logger, "logger").strip(), Objects.requireNonNull(level, "level of " + logger)));
        named = copy;
        if (others == null && named.isEmpty()) {
            throw new IllegalArgumentException("No level is given.");
        }
    }

    /** One level for all. */
    public static LevelRequest all(Level level) {
        return new LevelRequest(Objects.requireNonNull(level, "level"), Map.of());
    }

    /**
     * As istioctl takes it: {@code debug}, {@code rbac:debug,http:trace}; also both, {@code info,rbac:debug}.
     *
     * @throws IllegalArgumentException if a level is none, with the one that was probably meant
     */
    public static LevelRequest parse(String text) {
        Level others = null;
        Map<String, Level> named = new LinkedHashMap<>();
        for (String part : text.split(",", -1)) {
            int colon = part.lastIndexOf(':');
            Level level = level(part.substring(colon + 1).strip());
            if (colon < 0) {
                if (others != null) {
                    throw new IllegalArgumentException("\"" + text + "\" gives two levels for all loggers.");
                }
                others = level;
                continue;
            }
            String logger = part.substring(0, colon).strip();
            if (logger.isEmpty() || named.put(logger, level) != null) {
                throw new IllegalArgumentException("\"" + text + "\" names "
                        + (logger.isEmpty() ? "no logger before a colon." : "the logger " + logger + " twice."));
            }
        }
        return new LevelRequest(others, named);
    }

    private static Level level(String text) {
        return Level.of(text).orElseThrow(() -> {
            List<String> names =
                    Arrays.stream(Level.values()).map(Level::toString).toList();
            List<String> near = Nearest.to(text, names);
            return new IllegalArgumentException("\"" + text + "\" is no log level"
                    + (near.isEmpty()
                            ? ". Levels: " + String.join(", ", names) + "."
                            : ". Did you mean " + String.join(", ", near) + "?"));
        });
    }

    /**
     * The level of each logger that is asked for, in Envoy's order.
     *
     * @throws MeshNotFoundException if the proxy has no logger of a name
     */
    Map<String, Level> of(ResourceRef pod, LogLevels present) {
        for (String logger : named.keySet()) {
            if (present.level(logger).isEmpty()) {
                List<String> near = present.nearest(logger);
                throw new MeshNotFoundException(
                        "The proxy of " + pod + " has no logger \"" + logger + "\".",
                        near.isEmpty()
                                ? "pod.envoy().logLevels() lists its "
                                        + present.all().size()
                                        + " loggers. Those of the agent are no loggers of Envoy: see the annotation"
                                        + " sidecar.istio.io/agentLogLevel."
                                : "Did you mean " + String.join(", ", near) + "?");
            }
        }
        Map<String, Level> wanted = new LinkedHashMap<>();
        present.all()
                .keySet()
                .forEach(logger -> Optional.ofNullable(named.getOrDefault(logger, others))
                        .ifPresent(level -> wanted.put(logger, level)));
        return wanted;
    }
}
