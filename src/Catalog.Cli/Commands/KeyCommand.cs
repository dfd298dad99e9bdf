using System.CommandLine;
using System.Globalization;
using Catalog.Access;
using Catalog.Cli.Printing;
using Catalog.Sdk;

namespace Catalog.Cli.Commands;

/// <summary><c>catalog key …</c>: API keys.</summary>
internal static class KeyCommand
{
    public static Command Create() =>
        new Command("key", "API keys; only administrators may") { CreateKey(), List(), Revoke() }.WithConnection();

    private static Command CreateKey()
    {
        var name = new Argument<string>("name") { Description = "What it is for" }.NotEmpty();
        var role = SharedOptions.Choice<Role>("--role", "What it allows");
        role.Required = true;
        var principal = new Option<string?>("--principal") { Description = "Opaque id of whoever uses it" };
        var expires = new Option<string?>("--expires")
        {
            Description = "A time (2027-01-31, 2027-01-31T12:00Z) or from now: 12h, 30d",
            HelpName = "when",
        };
        var profile = new Option<string?>("--delta-sharing-profile")
        {
            Description = "Write the key to a new profile file for clients of Delta Sharing instead of printing it",
            HelpName = "file",
        };
        var command = new Command("create", "Makes a key and prints it: it is shown this once") { name, role, principal, expires, profile };
        return command.Does(async (call, ct) =>
        {
            var until = call.Value(expires) is { } text ? ReadTime(text, call.Terminal.Time.GetUtcNow()) : (DateTimeOffset?)null;
            Task<CreatedKey> CreateAsync() =>
                call.Catalog.Keys.CreateAsync(call.Required(name), call.Chosen(role), call.Value(principal), until, ct);
            var file = call.Value(profile);
            var key = file is null
                ? await CreateAsync()
                : await SharingProfile.WriteAsync(file, call.Catalog.Address, CreateAsync);
            if (call.Screen.IsJson)
                call.Screen.Json(key);
            else
                call.Screen.Line(file is null ? key.Key : $"key {key.Id} is in {file}");
        });
    }

    private static Command List()
    {
        var limit = SharedOptions.Limit();
        return new Command("list", "Lists keys, without their secrets") { limit }.Does((call, ct) => call.Screen.ListAsync(
            call.Catalog.Keys.ListAsync(ct),
            call.Value(limit),
            ct,
            new("ID", k => k.Id),
            new("NAME", k => k.Name),
            new("ROLE", k => k.Role.ToString().ToLowerInvariant()),
            new("PRINCIPAL", k => k.Principal),
            new("EXPIRES", k => Plain.Time(k.ExpiresAt)),
            new("ISSUED", k => Plain.Time(k.IssuedAt)),
            new("", k => k.Revoked ? "revoked" : "")));
    }

    private static Command Revoke()
    {
        var id = new Argument<string>("id") { Description = "The key's id, from key list" }.NotEmpty();
        return new Command("revoke", "Ends a key") { id }.Does(async (call, ct) =>
        {
            var receipt = await call.Catalog.Keys.RevokeAsync(call.Required(id), ct);
            if (call.Screen.IsJson)
                call.Screen.Json(receipt);
            else
                call.Screen.Line($"{call.Required(id)} {(receipt.Changed ? "revoked" : "unchanged")}");
        });
    }

    internal static DateTimeOffset ReadTime(string text, DateTimeOffset now)
    {
        if (Spans.Find(text) is { } span && span > TimeSpan.Zero)
            return now + span;

        return DateTimeOffset.TryParse(
            text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time
            : throw new UsageException($"'{text}' is not a time: write 2027-01-31, 2027-01-31T12:00Z, 12h or 30d.");
    }
}
