package dev.meshdx.changes;

import dev.meshdx.envoy.admin.LogLevels;

/**
 * What a change does to one logger.
 *
 * @param logger the logger, such as {@code rbac}, or a source file with fine-grain logging
 * @param from the level that was read before
 * @param to the level that was asked for
 * @param state what has become of it
 */
public record LoggerChange(String logger, LogLevels.Level from, LogLevels.Level to, State state) {
    /** What has become of one logger's level. */
    public enum State {
        /** Nothing was sent: a dry run. */
        PLANNED,
        /** Envoy said that it is set. */
        SET,
        /** The request may have arrived or not. Undoing covers it. */
        UNKNOWN,
        /** It has again the level that it had before. */
        PUT_BACK,
        /** A later change of the same mesh holds it. When that one is undone, it gets the level from before this one. */
        COVERED,
        /** It had another level than the one that was set: somebody else changed it meanwhile, and it was left alone. */
        LEFT,
        /** The pod, or this logger of it, is gone, and the level with it. */
        GONE
    }

    LoggerChange in(State other) {
        return new LoggerChange(logger, from, to, other);
    }

    /** {@code rbac: warning → debug}. */
    @Override
    public String toString() {
        return logger + ": " + from + " → " + to + (state == State.SET ? "" : " (" + state + ")");
    }
}
