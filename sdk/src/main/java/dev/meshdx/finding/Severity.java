package dev.meshdx.finding;

import java.util.Locale;

/** How bad a finding is. Ordered from worst to mildest. */
public enum Severity {
    /** Something does not work, or will not. */
    ERROR,
    /** Something works, but not as the configuration suggests, or not for long. */
    WARNING,
    /** Worth knowing. */
    INFO;

    /** Whether this is as bad as the other or worse. */
    public boolean atLeast(Severity other) {
        return compareTo(other) <= 0;
    }

    /** In lower case, as in JSON. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
