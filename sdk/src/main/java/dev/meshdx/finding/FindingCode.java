package dev.meshdx.finding;

/**
 * A kind of finding. Codes are stable: a number is never used for something else. Codes that {@code istioctl analyze} has
 * keep their number ({@code IST0101}); those of meshdx are {@code MDX} and four digits.
 *
 * @param code such as {@code IST0101}
 * @param name a short name, such as {@code ReferencedResourceNotFound}
 * @param severity how bad it usually is
 * @param title one line: what is wrong
 */
public record FindingCode(String code, String name, Severity severity, String title)
        implements Comparable<FindingCode> {
    /** The page that explains the code. */
    public String documentation() {
        return "docs/findings/" + code + ".md";
    }

    @Override
    public int compareTo(FindingCode other) {
        return code.compareTo(other.code);
    }

    @Override
    public String toString() {
        return code + " " + name;
    }
}
