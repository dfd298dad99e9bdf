using System.CommandLine;
using Catalog.Sdk;

namespace Catalog.Cli.Commands;

/// <summary><c>catalog whoami</c>: which catalog is asked, and whom it takes the caller for.</summary>
internal static class WhoAmICommand
{
    public static Command Create() => new Command("whoami", "Whom the catalog takes you for").WithConnection().Does(async (call, ct) =>
    {
        var me = await call.Catalog.WhoAmIAsync(ct);
        call.Screen.Show(
            new { Url = call.Catalog.Address, me.Principal, me.Role, me.KeyId, me.Purpose, me.Groups },
            ("catalog", call.Catalog.Address.ToString()),
            ("principal", me.Principal),
            ("role", me.Role.ToString().ToLowerInvariant()),
            ("key", me.KeyId),
            ("groups", string.Join(", ", me.Groups ?? [])),
            ("purpose", me.Purpose?.ToString().ToLowerInvariant()));
    });
}
