using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Catalog.Server.Doors.Resp;

/// <summary>Features in the protocol of Redis (RESP 2 and 3), on an address of its own: any client of Redis reads them.</summary>
internal static class RespDoor
{
    public static void AddResp(this IServiceCollection services)
    {
        services.AddSingleton<RespFieldsAsked>();
        services.AddScoped<RespLogin>();
        services.AddScoped<RespSession>();
    }

    public static void UseResp(this ListenOptions listen) => listen.UseConnectionHandler<RespConnections>();
}
