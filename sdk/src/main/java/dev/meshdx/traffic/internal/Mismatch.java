package dev.meshdx.traffic.internal;

/**
 * One condition that a request does not meet.
 *
 * @param criterion what is looked at: {@code path}, {@code method}, {@code header x-user}…
 * @param because what was wanted and what came
 * @param slip what explains the difference, so that it may be what the caller meant
 */
public record Mismatch(String criterion, String because, Slip slip) {
    /** What explains a difference. */
    public enum Slip {
        /** Nothing: the two have little in common. */
        NONE,
        /** Upper and lower case. */
        CASE,
        /** A slash at the end. */
        SLASH,
        /** The path goes on where the match, or what a regular expression covers, ends. */
        LENGTH,
        /** Something else that is small: one value, an encoding, a letter. */
        OTHER
    }

    /** A difference that is small, or not. */
    public Mismatch(String criterion, String because, boolean near) {
        this(criterion, because, near ? Slip.OTHER : Slip.NONE);
    }

    /** Whether a slip explains the difference. */
    public boolean near() {
        return slip != Slip.NONE;
    }
}
