using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Catalog.Sdk;

namespace Catalog.Cli.Commands;

/// <summary>
/// A profile file of Delta Sharing (version 1): where the catalog's tables are shared, and the key to them. For its owner's eyes only.
/// </summary>
internal static class SharingProfile
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>Makes the file, then the key that goes into it: a key that could not be written down would be lost.</summary>
    /// <param name="path">Where nothing is yet.</param>
    /// <param name="catalog">The catalog's address.</param>
    /// <param name="createAsync">Makes the key.</param>
    /// <exception cref="IOException">There is a file already, or none can be made.</exception>
    public static async Task<CreatedKey> WriteAsync(string path, Uri catalog, Func<Task<CreatedKey>> createAsync)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        await using var file = new FileStream(path, options);
        try
        {
            var key = await createAsync();
            await JsonSerializer.SerializeAsync(file, Of(catalog, key), s_json);
            return key;
        }
        catch
        {
            File.Delete(path);
            throw;
        }
    }

    private static object Of(Uri catalog, CreatedKey key) => new
    {
        ShareCredentialsVersion = 1,
        Endpoint = catalog.AbsoluteUri.TrimEnd('/') + "/delta-sharing",
        BearerToken = key.Key,
        ExpirationTime = key.ExpiresAt?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
    };
}
