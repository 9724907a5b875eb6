package dev.meshdx.annotation;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Public only because another package of meshdx calls it: users get such objects from {@code Mesh}, not from a constructor.
 * Not part of the API; it may change in any release. Kept at run time, so that the dump of the API can leave it out.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.METHOD, ElementType.TYPE, ElementType.CONSTRUCTOR, ElementType.FIELD})
public @interface Internal {}
