package dev.meshdx.finding;

import dev.meshdx.error.MeshException;
import dev.meshdx.error.Reason;
import dev.meshdx.model.ResourceRef;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Something that could not be seen, and why. The rest of the result stands. Immutable; safe for use by several threads.
 */
public final class Inconclusive implements Comparable<Inconclusive> {
    private final String what;
    private final @Nullable ResourceRef subject;
    private final Reason reason;
    private final String message;
    private final String remedy;

    private Inconclusive(String what, @Nullable ResourceRef subject, Reason reason, String message, String remedy) {
        this.what = what;
        this.subject = subject;
        this.reason = reason;
        this.message = message;
        this.remedy = remedy;
    }

    /**
     * Something that could not be seen.
     *
     * @param what what was wanted, such as {@code "clusters of the proxy"}
     * @param subject the resource it is about; null where it is about the whole mesh
     * @param reason why
     * @param message what was tried and what came back
     * @param remedy what to do to see it; empty where nothing helps
     */
    public static Inconclusive of(
            String what, @Nullable ResourceRef subject, Reason reason, String message, String remedy) {
        return new Inconclusive(what, subject, reason, message, remedy);
    }

    /** What an exception prevented from being seen. */
    public static Inconclusive of(String what, @Nullable ResourceRef subject, MeshException why) {
        return new Inconclusive(what, subject, why.reason(), String.valueOf(why.getMessage()), why.remedy());
    }

    /** What was wanted. */
    public String what() {
        return what;
    }

    /** The resource it is about. */
    public Optional<ResourceRef> subject() {
        return Optional.ofNullable(subject);
    }

    /** Why it could not be seen. */
    public Reason reason() {
        return reason;
    }

    /** What was tried and what came back. */
    public String message() {
        return message;
    }

    /** What to do to see it; empty where nothing helps. */
    public String remedy() {
        return remedy;
    }

    @Override
    public int compareTo(Inconclusive other) {
        int order = reason.compareTo(other.reason);
        order = order != 0 ? order : what.compareTo(other.what);
        order = order != 0 ? order : String.valueOf(subject).compareTo(String.valueOf(other.subject));
        return order != 0 ? order : message.compareTo(other.message);
    }

    /** One line. */
    @Override
    public String toString() {
        return reason + " " + what + (subject == null ? "" : " of " + subject) + ": " + message;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Inconclusive that
                && what.equals(that.what)
                && Objects.equals(subject, that.subject)
                && reason == that.reason
                && message.equals(that.message)
                && remedy.equals(that.remedy);
    }

    @Override
    public int hashCode() {
        return Objects.hash(what, subject, reason, message);
    }
}
