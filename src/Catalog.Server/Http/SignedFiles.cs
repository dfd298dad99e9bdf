using Catalog.Manifests;
using Catalog.Platform;
using Catalog.Platform.Http;
using Catalog.Storage.Objects.Local;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Catalog.Server.Http;

/// <summary>
/// Files in place under addresses that this server signed: <c>/files/&lt;manifest&gt;/&lt;path&gt;</c>. The manifest is named by its own
/// hash and says where the file lies, how large it is and what it hashes to, so an address leads to the file that was committed, or to a
/// refusal.
/// </summary>
internal static class SignedFiles
{
    public static void MapSignedFiles(this IEndpointRouteBuilder routes) =>
        routes.MapMethods(FileGrants.Path + "{manifest}/{**path}", SignedAddress.Reading, ReadAsync).ExcludeFromDescription();

    private static async Task<IResult> ReadAsync(
        HttpContext http, UrlSignatures signatures, ManifestStore manifests, FileBytes bytes, CancellationToken ct)
    {
        var parts = SignedAddress.PartsOf(http);
        if (SignedAddress.Refusal(http, parts, signatures) is { } no)
            return new ProblemAnswer(no);
        var (manifest, path) = (parts[1], string.Join('/', parts.Skip(2)));
        if (!await manifests.IsKeptAsync(manifest, ct))
            return new ProblemAnswer(Problem.Of("version.expired", "The version that the address was signed for is not kept any more."));
        var root = await manifests.LoadRootAsync(manifest, ct);
        if (await manifests.FindFileAsync(root, path, ct) is not { } file)
            return new ProblemAnswer(Problem.Of("file.not_in_version", $"The version has no file '{path}'."));
        var found = await bytes.FindAsync(file, "the version that the address was signed for", ct);
        return found.Succeeded ? new ByteAnswer(file.Bytes, file.Sha256, found.Value.OpenAsync) : new ProblemAnswer(found.Problem);
    }
}
