using Catalog.Server;
using Microsoft.Extensions.Logging;

await using var server = await CatalogServer.StartAsync(new ServerOptions { DataFolder = args[0], Roots = args[1..] }, l => l.AddSimpleConsole().SetMinimumLevel(LogLevel.Information));
Console.WriteLine(server.Address);
await server.WaitForShutdownAsync(default);
return 0;
