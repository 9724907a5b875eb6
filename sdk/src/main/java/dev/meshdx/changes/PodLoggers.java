package dev.meshdx.changes;

import dev.meshdx.envoy.admin.LogLevels.Level;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Who holds which logger of one pod: for each logger the level from before the first change, and on it the changes in the order
 * in which they were made. Guarded by its lock, which is held while the proxy is asked: what is read is what is then changed.
 */
final class PodLoggers {
    final ReentrantLock lock = new ReentrantLock();

    /** Whether it was thrown away; whoever waited for the lock must take the next one. */
    boolean discarded;

    private final Map<String, Stack> stacks = new HashMap<>();

    private static final class Stack {
        final Level original;
        final List<Layer> layers = new ArrayList<>();

        Stack(Level original) {
            this.original = original;
        }
    }

    private record Layer(LogLevelChange change, Level level) {}

    boolean holds(String logger) {
        return stacks.containsKey(logger);
    }

    boolean isEmpty() {
        return stacks.isEmpty();
    }

    void add(LogLevelChange change) {
        for (LoggerChange logger : change.changed()) {
            stacks.computeIfAbsent(logger.logger(), name -> new Stack(logger.from()))
                    .layers
                    .add(new Layer(change, logger.to()));
        }
    }

    /** The level that a logger gets when a change goes; empty where a later one decides. */
    Optional<Level> below(LogLevelChange change, String logger) {
        Stack stack = stacks.get(logger);
        if (stack == null) {
            return Optional.empty();
        }
        int last = stack.layers.size() - 1;
        if (last < 0 || stack.layers.get(last).change() != change) {
            return Optional.empty();
        }
        return Optional.of(
                last == 0 ? stack.original : stack.layers.get(last - 1).level());
    }

    void remove(LogLevelChange change) {
        for (LoggerChange logger : change.changed()) {
            Stack stack = stacks.get(logger.logger());
            if (stack != null) {
                stack.layers.removeIf(layer -> layer.change() == change);
                if (stack.layers.isEmpty()) {
                    stacks.remove(logger.logger());
                }
            }
        }
    }
}
