package dev.meshdx.analysis;

/**
 * Whether the checks behind a code ran.
 *
 * @param code such as {@code IST0101}
 * @param ran whether they ran, at least in part
 * @param reason why they did not run, or what they could not look at; empty where they saw everything
 */
public record CheckRun(String code, boolean ran, String reason) {
    /** One line. */
    @Override
    public String toString() {
        return code + (ran ? " ran" : " did not run") + (reason.isEmpty() ? "" : ": " + reason);
    }
}
