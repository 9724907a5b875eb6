package dev.meshdx.finding;

/**
 * A kind of finding. Codes are stable: a number is never used for something else. Codes that {@code istioctl analyze} has
 * keep their number ({@code IST0101}); those of meshdx are {@code MDX} and four digits.
 *
 * @param code such as {@code IST0101}
 * @param name a short name, such as {@code ReferencedResourceNotFound}
 * @param severity how bad it usually is
 * @param title one line: what is wrong
 * @param documentation the page that explains the code: relative to the project for the codes of meshdx, an address of the
 *     owner's for others; empty where there is none
 */
public record FindingCode(String code, String name, Severity severity, String title, String documentation)
        implements Comparable<FindingCode> {
    /** A code whose page is in {@code docs/findings}, or one of somebody else's without a page. */
    public FindingCode(String code, String name, Severity severity, String title) {
        this(code, name, severity, title, code.matches("(IST|MDX)[0-9]{4}") ? "docs/findings/" + code + ".md" : "");
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
