namespace Catalog.Storage.Objects.Local;

/// <summary>Opens object stores on a local file system.</summary>
public static class LocalObjects
{
    /// <summary>
    /// Objects as plain files beneath <paramref name="folder"/>, which is created (for its owner only) where it is missing. Uploads that
    /// a dead process left unfinished are removed.
    /// </summary>
    /// <exception cref="ObjectStoreException">The folder cannot be made or written.</exception>
    public static IObjectStore Open(string folder) => LocalObjectStore.Open(folder);
}
