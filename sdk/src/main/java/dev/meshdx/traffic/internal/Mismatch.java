package dev.meshdx.traffic.internal;

/**
 * One condition that a request does not meet.
 *
 * @param criterion what is looked at: {@code path}, {@code method}, {@code header x-user}…
 * @param because what was wanted and what came
 * @param near whether a slip explains the difference (case, a slash, one value), so that it may be what the caller meant
 */
public record Mismatch(String criterion, String because, boolean near) {}
