// The library's dependency injection reads metadata when it loads: the polyfill comes first.
import 'reflect-metadata';

export * from '@peculiar/x509';
